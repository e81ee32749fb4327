import { type ExchangeSimulator, startExchangeSimulator } from 'exchange-simulator';
import { until } from 'stack-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineWorld } from './engine-world.ts';

const HERE = ['anna@corp.example', 'boris@corp.example'];
const THERE = ['eva@partner.example', 'felix@partner.example'];
const APPLICATION = { login: 'connector-app', password: 'marker-of-the-secret' };
const PATIENCE = { patienceMs: 60_000 };
const HOUR_MS = 3_600_000;

let world: EngineWorld;
let partner: ExchangeSimulator;
beforeAll(async () => {
  world = await EngineWorld.start(HERE);
  partner = await startExchangeSimulator();
  await control('POST', '/seed', {
    mailboxes: THERE.map((address) => ({ address })),
    accounts: [{ ...APPLICATION, impersonates: 'all' }],
  });
  await control('PATCH', '/settings', { authOffers: ['Bearer'] });
  const place = (url: string) => {
    const { hostname: host, port, pathname: path } = new URL(url);
    return { type: 'ews', protocol: 'http', host, port: Number(port), path };
  };
  const { encrypt } = world.config;
  const oauth = {
    tokenUrl: partner.tokenUrl,
    clientId: APPLICATION.login,
    clientSecret: encrypt(APPLICATION.password),
    scope: 'https://partner.example/.default',
  };
  world.configure({
    calendarProviders: [
      {
        ...place(world.simulator.ewsUrl),
        users: HERE,
        auth: 'basic',
        credentials: [{ login: 'svc-calendar', password: encrypt(EngineWorld.password) }],
        limits: { connections: 2 },
      },
      // The same path on the same machine: only the port tells them apart.
      {
        ...place(partner.ewsUrl),
        users: THERE,
        auth: 'oauth',
        oauth,
        limits: { connections: 6, requestsPerSecond: 50 },
      },
    ],
  });
  for (const instance of [0, 1]) world.work(instance);
  await world.untilCached();
});
afterAll(async () => {
  await world.end();
  await partner.close();
}, 60_000);

async function control(method: string, path: string, body?: unknown): Promise<unknown> {
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  const reply = await fetch(`${partner.controlUrl}${path}`, { method, ...content });
  if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
  return reply.json();
}

async function seedThere(mailbox: string, subject: string): Promise<void> {
  const start = new Date(Math.ceil(Date.now() / HOUR_MS + 24) * HOUR_MS);
  const end = new Date(start.getTime() + HOUR_MS).toISOString();
  await control('POST', '/seed', { items: [{ mailbox, subject, start: start.toISOString(), end, timeZone: 'UTC' }] });
}

async function shows(mailbox: string, subject: string): Promise<number> {
  const since = performance.now();
  const found = async () => ((await world.subjects(mailbox)).includes(subject) ? true : undefined);
  await until(`${mailbox} shows ${subject}`, found, { ...PATIENCE, everyMs: 20 });
  return Math.round(performance.now() - since);
}

const lines = (event: string) =>
  world.workers.flatMap(({ log }) => log.entries.filter((entry) => entry.event === event && entry.level !== 'debug'));

describe('two Exchange servers, one with passwords and one with tokens', () => {
  it('are read side by side, each with its own way to sign in', async () => {
    await world.seed({ mailbox: HERE[0]!, subject: 'here' });
    await seedThere(THERE[0]!, 'there');
    await shows(HERE[0]!, 'here');
    await shows(THERE[0]!, 'there');
    const groups = await world.db.database.query(
      'SELECT FROM calendar.mailbox GROUP BY sync_group HAVING count(DISTINCT provider) > 1',
    );
    expect(groups.rows).toEqual([]);
    const providers = await world.db.database.query('SELECT DISTINCT provider FROM calendar.mailbox');
    expect(providers.rows).toHaveLength(2);
    const forms = (await control('GET', '/journal')) as { operation: string; authForm: string }[];
    expect(
      new Set(forms.filter(({ operation }) => operation === 'SyncFolderItems').map(({ authForm }) => authForm)),
    ).toEqual(new Set(['bearer']));
  });

  it('do not wait for each other: while one is away the other is as fast as ever, and one line tells of it', async () => {
    await control('POST', '/restart', { downMs: 12_000 });
    await until(
      'its absence was noticed',
      async () => (lines('provider.down').length > 0 ? true : undefined),
      PATIENCE,
    );
    const delays: number[] = [];
    for (const mailbox of [...HERE, ...HERE]) {
      await world.seed({ mailbox, subject: `while one is away ${delays.length}` });
      delays.push(await shows(mailbox, `while one is away ${delays.length}`));
    }
    console.log(`changes of the other server were there after ${delays.join(', ')} ms`);
    await until('it is back', async () => (lines('provider.back').length > 0 ? true : undefined), PATIENCE);
    await seedThere(THERE[1]!, 'after it came back');
    await shows(THERE[1]!, 'after it came back');
    for (const { log } of world.workers) {
      const told = log.entries.filter(({ event, level }) => event === 'provider.down' && level !== 'debug');
      expect(told.length).toBeLessThanOrEqual(1);
    }
    expect(lines('sync.failed').filter(({ mailbox }) => HERE.includes(String(mailbox)))).toEqual([]);
  });
});
