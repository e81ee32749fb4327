/** The load generator: for each person one client of the gateway, one of the floor and one of the bare server. */
import { CalendarClient, isMasked } from 'gateway-protocol';
import { signIn, until } from 'stack-driver';
import { type ClientsTask, changeOf, now, type Stamp, type Variant } from './messages.ts';

const DAY_MS = 86_400_000;
/** How long late arrivals are waited for at the end. */
const PATIENCE_MS = 10_000;

process.once('disconnect', () => process.exit());
process.once('message', async ({ people, urls }: ClientsTask) => {
  const arrivals = new Map<string, Stamp>();
  const arrive = (variant: Variant, title: string, atMs: number) => {
    const change = changeOf(title);
    const key = `${variant} ${change}`;
    if (change !== undefined && !arrivals.has(key)) arrivals.set(key, { variant, change, atMs });
  };
  const clients: CalendarClient[] = [];
  // A few at a time, as people come; sign-ins are no part of what is measured.
  for (const person of people) clients.push(await connectClient(urls.product, person, arrive));
  const sockets = await Promise.all(
    people.flatMap((person) =>
      (['floor', 'bare'] as const).map((variant) => connectSocket(variant, `${urls[variant]}/${person}`, arrive)),
    ),
  );
  process.once('message', async (expected: number) => {
    const all = () => (arrivals.size >= expected ? true : undefined);
    await until('every change arrives', all, { patienceMs: PATIENCE_MS }).catch(() => undefined);
    for (const client of clients) client.stop();
    for (const socket of sockets) socket.close();
    process.send?.([...arrivals.values()], () => process.disconnect());
  });
  process.send?.('connected');
});

type Arrive = (variant: Variant, title: string, atMs: number) => void;

async function connectClient(url: string, person: string, arrive: Arrive): Promise<CalendarClient> {
  const from = Date.now() - DAY_MS;
  const client = new CalendarClient({
    url,
    getToken: () => signIn(url, person),
    range: () => ({ from, to: from + 60 * DAY_MS }),
  });
  client.on('change', ({ upserted, receivedAt }) => {
    for (const event of upserted) if (!isMasked(event)) arrive('product', event.title, receivedAt);
  });
  client.start();
  await until(`the client of ${person} is subscribed`, () => (client.position === undefined ? undefined : true), {
    everyMs: 5,
  });
  return client;
}

function connectSocket(variant: Variant, url: string, arrive: Arrive): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.addEventListener('open', () => resolve(socket));
    socket.addEventListener('error', () => reject(new Error(`${url} does not take connections`)));
    socket.addEventListener('message', ({ data }) => {
      const atMs = now();
      arrive(variant, (JSON.parse(String(data)) as { title: string }).title, atMs);
    });
  });
}
