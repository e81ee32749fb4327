import { type ExchangeSimulator, startExchangeSimulator } from 'exchange-simulator';
import { until } from 'stack-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineWorld } from './engine-world.ts';

const HERE = ['anna@corp.example', 'boris@corp.example'];
const THERE = ['eva@partner.example', 'felix@partner.example'];
const APPLICATION = { login: 'connector-app', password: 'marker-of-the-secret' };
const PATIENCE = { patienceMs: 60_000 };
const HOUR_MS = 3_600_000;
/** Longer than the changes meanwhile take. */
const DOWN_MS = 25_000;

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
    // Streams tell of changes: polls are too slow for what is shown here.
    sync: { pollSeconds: 600 },
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

/** What every mailbox shows and what the two servers hold, by mailbox. */
async function shownAndTrue(): Promise<[string[], string[]]> {
  const query = new URLSearchParams({
    from: new Date(Date.now() - 24 * HOUR_MS).toISOString(),
    to: new Date(Date.now() + 20 * 24 * HOUR_MS).toISOString(),
  });
  const truthOf = async (mailbox: string, ask: typeof control) => {
    query.set('mailbox', mailbox);
    const held = (await ask('GET', `/truth?${query}`)) as { subject: string }[];
    return held.map(({ subject }) => `${mailbox}: ${subject}`).sort();
  };
  const [shown, held]: [string[], string[]] = [[], []];
  for (const mailbox of [...HERE, ...THERE]) {
    shown.push(...(await world.subjects(mailbox)).map((subject) => `${mailbox}: ${subject}`));
    held.push(...(await truthOf(mailbox, HERE.includes(mailbox) ? (...call) => world.control(...call) : control)));
  }
  return [shown, held];
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
    const streams = async () => ((await world.control('GET', '/streams')) as unknown[]).length;
    await until('streams are open', async () => ((await streams()) > 0 ? true : undefined), PATIENCE);
    await control('POST', '/restart', { downMs: DOWN_MS });
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
    expect(lines('provider.back'), 'it was away all the time').toEqual([]);
    console.log(`changes of the other server were there after ${delays.join(', ')} ms`);
    await until('it is back', async () => (lines('provider.back').length > 0 ? true : undefined), PATIENCE);
    await seedThere(THERE[1]!, 'after it came back');
    await shows(THERE[1]!, 'after it came back');
    for (const { log } of world.workers) {
      const told = log.entries.filter(({ event, level }) => event === 'provider.down' && level !== 'debug');
      expect(told.length).toBeLessThanOrEqual(1);
    }
    await until('both agree with the truth', async () => {
      const [shown, held] = await shownAndTrue();
      return JSON.stringify(shown) === JSON.stringify(held) ? true : undefined;
    });
    expect((await shownAndTrue())[0]).toHaveLength(7);
    const written = world.workers.map(({ log, stderr }) => JSON.stringify(log.entries) + stderr.join('')).join('');
    expect(written).not.toMatch(/marker-of/);
    expect(lines('sync.failed').filter(({ mailbox }) => HERE.includes(String(mailbox)))).toEqual([]);
  });
});
