import { readChanges, readLogHead } from 'calendar-db/changes';
import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { type ExchangeSimulator, startExchangeSimulator } from 'exchange-simulator';
import { until } from 'stack-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChildWorker, spawnWorker, type TestConfig, writeTestConfig } from 'worker-kit/testing';

const ANNA = 'anna@corp.example';
const BORIS = 'boris@corp.example';
const CHLOE = 'chloe@corp.example';
const DORA = 'dora@corp.example';
const BLUE = 'blue@corp.example';
const EVA = 'eva@partner.example';
const ALL = 'all@corp.example';
const TEAM = 'team@corp.example';
const HIDDEN = 'hidden@corp.example';
const SYNC_WORKER = new URL('../../../packages/sync-worker/src/main.ts', import.meta.url);

const poll = <Value>(read: () => Value) => expect.poll(read, { timeout: 30_000, interval: 50 });

/** A list in a list in itself, one that nobody may look into, one that is a query, and one of rooms. */
const lists = (team: string[]) => [
  { address: ALL, members: [TEAM, ALL, EVA] },
  { address: TEAM, aliases: ['crew@corp.example'], members: [...team, ALL] },
  { address: HIDDEN, members: [DORA], membership: 'hidden' },
  { address: 'dynamic@corp.example', membership: 'dynamic' },
  { address: 'rooms@corp.example', members: [BLUE], roomList: true },
];

describe('people between Exchange and the database', () => {
  let db: TestDatabase;
  let exchange: ExchangeSimulator;
  let config: TestConfig;
  let worker: ChildWorker;

  beforeAll(async () => {
    db = await createTestDatabase();
    exchange = await startExchangeSimulator();
    await seed({
      mailboxes: [
        { address: ANNA, displayName: 'Anna Adams', aliases: ['a.adams@corp.example'] },
        { address: BORIS, displayName: 'Boris', aliases: ['b@corp.example'] },
        ...[CHLOE, DORA].map((address) => ({ address })),
        { address: BLUE, displayName: 'Blue room', room: true },
      ],
      lists: lists([CHLOE]),
      accounts: [{ login: 'service', password: 'secret', impersonates: 'all' }],
    });
    await control('PATCH', '/settings', { receivedAddresses: 'EX' });
    config = await writeTestConfig(db.options);
    config.write({
      calendarProviders: [
        {
          ...{ type: 'ews', protocol: 'http', host: '127.0.0.1', port: exchange.port },
          credentials: [{ login: 'service', password: config.encrypt('secret') }],
          users: ['a.adams@corp.example', BORIS, BLUE],
        },
      ],
      cache: { autoSync: true },
      sync: { pollSeconds: 0.2 },
    });
    worker = spawnWorker(SYNC_WORKER, { args: ['--config', config.path] });
    // Who has mailboxes, and which rooms there are, is asked before anything is named.
    const all = async () => ((await known(BLUE, ANNA, 'rooms:')) === 3 ? true : undefined);
    await until('mailboxes and rooms are known', all);
  }, 60_000);
  afterAll(async () => {
    await worker?.[Symbol.asyncDispose]();
    await exchange?.close();
    config?.remove();
    await db?.drop();
  });

  async function control(method: string, path: string, body: unknown): Promise<void> {
    const response = await fetch(exchange.controlUrl + path, { method, body: JSON.stringify(body) });
    expect(response.status, await response.text()).toBe(200);
  }

  const seed = (content: object) => control('POST', '/seed', content);

  async function known(...addresses: string[]): Promise<number> {
    const { rows } = await db.database.query<{ known: number }>(
      'SELECT count(*)::integer AS known FROM calendar.directory_entry WHERE kind IS NOT NULL AND address = ANY ($1)',
      [addresses],
    );
    return rows[0]?.known ?? 0;
  }

  async function meet(subject: string, requiredAttendees: readonly (string | object)[]): Promise<void> {
    const start = new Date(Math.ceil(Date.now() / 3_600_000) * 3_600_000 + 86_400_000);
    const end = new Date(start.getTime() + 3_600_000);
    const times = { start: start.toISOString(), end: end.toISOString() };
    await seed({ items: [{ mailbox: ANNA, subject, requiredAttendees, send: true, ...times }] });
  }

  interface Copy {
    owner: string;
    organizer: string;
    isOrganizerCopy: boolean;
    people: string[];
    roles: string[];
    audience: string[];
  }

  async function copies(subject: string): Promise<Copy[]> {
    const { rows } = await db.database.query<Copy & Record<string, unknown>>(
      `SELECT m.owner, e.organizer_person AS organizer, e.is_organizer_copy AS "isOrganizerCopy",
              e.attendee_people AS people, e.audience,
              ARRAY(SELECT a ->> 'role' FROM jsonb_array_elements(e.attendees) a) AS roles
       FROM calendar.event e JOIN calendar.mailbox m USING (mailbox_id) WHERE e.subject = $1 ORDER BY m.owner`,
      [subject],
    );
    return rows;
  }

  it('a legacy name, an alias and a room are whom they stand for, in every copy', async () => {
    await meet('Review', ['b@corp.example', BLUE, EVA]);
    const copy = { organizer: ANNA, people: [BORIS, BLUE, EVA], audience: [ANNA, BLUE, BORIS, EVA] };
    await poll(() => copies('Review')).toEqual([
      { ...copy, owner: ANNA, isOrganizerCopy: true, roles: ['required', 'resource', 'required'] },
      { ...copy, owner: BLUE, isOrganizerCopy: false, roles: expect.anything() },
      { ...copy, owner: BORIS, isOrganizerCopy: false, roles: expect.anything() },
    ]);
  });

  it('a room that is listed as a user has its own calendar and is no organizer of what others book in it', async () => {
    const { rows } = await db.database.query(
      'SELECT status, cached_at IS NOT NULL AS cached FROM calendar.mailbox WHERE owner = $1',
      [BLUE],
    );
    expect(rows).toEqual([{ status: 'ok', cached: true }]);
    const soon = new Date(Date.now() + 86_400_000).toISOString();
    const later = new Date(Date.now() + 90_000_000).toISOString();
    await seed({ items: [{ mailbox: BLUE, subject: 'Cleaning', start: soon, end: later }] });
    await poll(() => copies('Cleaning')).toMatchObject([{ owner: BLUE, organizer: BLUE, isOrganizerCopy: true }]);
  });

  it('members of lists see the meeting, however lists hold each other; who joins or leaves is told', async () => {
    await meet('Town hall', ['crew@corp.example', HIDDEN, 'dynamic@corp.example', BORIS]);
    const audience = async () =>
      (await copies('Town hall')).map((copy) => copy.audience.filter((who) => who !== BORIS));
    const everybody = [ALL, ANNA, CHLOE, 'dynamic@corp.example', EVA, HIDDEN, TEAM];
    await poll(audience).toEqual([everybody, everybody]);
    const { head } = await readLogHead(db.database);
    await seed({ lists: lists([DORA]) });
    await db.database.query("UPDATE calendar.directory_entry SET checked_at = checked_at - interval '2 hours'");
    await poll(audience).toEqual(Array(2).fill([ALL, ANNA, DORA, 'dynamic@corp.example', EVA, HIDDEN, TEAM].sort()));
    const told = (await readChanges(db.database, head)).filter(({ kind }) => kind === 'viewer');
    expect(new Set(told.flatMap(({ audience: viewers }) => viewers))).toEqual(new Set([CHLOE, DORA, TEAM]));
  });

  it('nothing of it troubled a sync', async () => {
    const troubles = worker.log.entries.filter(({ event }) =>
      /^(directory|sync|provider|account|loop|service)\./u.test(event),
    );
    expect(troubles.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
    const { rows } = await db.database.query('SELECT FROM calendar.mailbox WHERE error_code IS NOT NULL');
    expect(rows).toEqual([]);
  });
});
