import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqlFile } from '../database/sql-file.ts';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { type MeasuredStatement, type StatementCost, statementCost } from '../testing/statement-cost.ts';
import { refreshStatistics, registerMailboxes } from './mailbox-registration.ts';

const FEW = 1_000;
const MANY = 20_000;
const PROVIDER = 'exchange';
const DAY = 86_400;
const EVERYBODY = Array.from({ length: MANY }, (_, n) => `user-${n + 1}@corp.example`);

/** Everything of this many mailboxes is known and good for a while: there is nothing to do. */
const FILL = `
  WITH n AS (SELECT n, 'user-' || n || '@corp.example' AS address FROM generate_series($1::integer, $2::integer) n),
  box AS (
    INSERT INTO calendar.mailbox (provider, address, owner, sync_group, place_due_at, next_sync_at, cached_at, status)
    SELECT '${PROVIDER}', address, address, '${PROVIDER}/' || n / 150, now() + interval '7 days', now() + interval '1 minute', now(), 'ok'
    FROM n
  ), entry AS (
    INSERT INTO calendar.directory_entry (provider, address, kind, person, checked_at)
    SELECT '${PROVIDER}', address, CASE n % 20 WHEN 0 THEN 'list' WHEN 1 THEN 'unknown' ELSE 'person' END, address, now() FROM n
  ), asked AS (
    INSERT INTO calendar.directory_entry (provider, address, asked_until)
    SELECT '${PROVIDER}', 'asked-' || address, now() + interval '1 hour' FROM n
  ), mapped AS (
    INSERT INTO calendar.address_map (server_id, address, trueconf_id, checked_at)
    SELECT 'tiny', address, CASE WHEN n % 5 > 0 THEN address END, now() FROM n
  ), token AS (
    INSERT INTO calendar.refresh_token (token_hash, server_id, user_id, expires_at)
    SELECT convert_to(address, 'UTF8'), 'tiny', address, now() + interval '1 day' FROM n
  ), failed AS (
    INSERT INTO calendar.auth_failure (subject, failures, window_ends_at) SELECT address, 1, now() + interval '1 day' FROM n
  ), change AS (
    INSERT INTO calendar.change (kind, audience) SELECT 'event', ARRAY[address] FROM n
  ), conference AS (
    INSERT INTO calendar.conference (event_id, wanted, runs, starts_at, ends_at, create_at, open_at, give_up_at)
    SELECT gen_random_uuid(), 'none', false, t, t, t, t, t FROM n, LATERAL (SELECT now() - n * interval '1 second' AS t) past
  )
  INSERT INTO calendar.conference_log (event_id, life, action, to_state, actor)
  SELECT gen_random_uuid(), 1, 'run', 'running', 'x' FROM n`;

const STATEMENTS: Readonly<Record<string, MeasuredStatement>> = {
  'questions about people': {
    text: sqlFile('directory/take-questions'),
    values: [PROVIDER, 20, 300, 7 * DAY, 3_600, DAY, 3_600],
  },
  'questions about TrueConf users': { text: sqlFile('address-map/take-questions'), values: ['tiny', 50, 60, 24, 1] },
  'the question whether a place is to be asked for': { text: sqlFile('places/is-due'), values: [PROVIDER] },
  'places to ask for': { text: sqlFile('places/take-questions'), values: [PROVIDER, EVERYBODY, 90, 300] },
  'mailboxes that have moved': { text: sqlFile('places/read-moved'), values: [PROVIDER] },
  'how many mailboxes are delisted': { text: sqlFile('sync/count-delisted') },
  'what expired of sign-ins': { text: sqlFile('sign-in/forget-expired') },
  'conferences to forget': { text: sqlFile('conferences/prune'), values: [400, 500] },
  'changes to forget': { text: sqlFile('changes/prune'), values: [7, 5_000] },
  'conferences of the next day': {
    text: sqlFile('conferences/list-planned'),
    values: [new Date(Date.now() + 86_400_000)],
  },
};

describe('where nothing is to be done', () => {
  let db: TestDatabase;
  const few = new Map<string, StatementCost>();
  const many = new Map<string, StatementCost>();

  beforeAll(async () => {
    db = await createTestDatabase();
    const fill = async (from: number, to: number, into: Map<string, StatementCost>) => {
      await db.database.transaction(async (client) => {
        await client.query("SET LOCAL session_replication_role = 'replica'");
        await client.query(FILL, [from, to]);
      });
      await db.database.query('ANALYZE');
      for (const [name, statement] of Object.entries(STATEMENTS))
        into.set(name, await statementCost(db.options, statement));
    };
    await fill(1, FEW, few);
    await fill(FEW + 1, MANY, many);
  }, 240_000);
  afterAll(() => db.drop());

  it.each(Object.keys(STATEMENTS))('%s cost as much among 20,000 as among 1,000', (name) => {
    const [small, large] = [few.get(name), many.get(name)];
    expect(large?.rows).toBeLessThanOrEqual(2 * (small?.rows ?? 0) + 20);
    expect(large?.blocks).toBeLessThanOrEqual(2 * (small?.blocks ?? 0) + 20);
  });

  it('takes the list of many workers apart once, when all have the same', async () => {
    const mark = { text: sqlFile('sync/mark-delisted'), values: [15] };
    const worker = (from: number, to: number) =>
      db.database.query(
        `INSERT INTO calendar.worker (worker_id, kind, host, instance, pid, version, config_digests, lists)
         SELECT gen_random_uuid(), 'sync-worker', 'h', n, 1, '0', '{}', ARRAY(SELECT address FROM calendar.mailbox ORDER BY address)
         FROM generate_series($1::integer, $2::integer) n`,
        [from, to],
      );
    await worker(1, 1);
    const one = await statementCost(db.options, mark);
    await worker(2, 20);
    const twenty = await statementCost(db.options, mark);
    expect(one.rows).toBeGreaterThan(MANY);
    expect(twenty.rows).toBeLessThan(1.1 * one.rows);
  }, 60_000);
});

describe('the log of conferences', () => {
  it('is forgotten in parts, each of which reads only what it removes', async () => {
    const db = await createTestDatabase();
    try {
      const fill = (from: number, to: number) =>
        db.database.query(
          `INSERT INTO calendar.conference_log (event_id, life, action, to_state, actor, at)
           SELECT gen_random_uuid(), 1, 'run', 'running', 'x', now() - interval '500 days' - n * interval '1 second'
           FROM generate_series($1::integer, $2::integer) n`,
          [from, to],
        );
      const prune = { text: sqlFile('conferences/prune'), values: [400, 100] };
      await fill(1, FEW);
      await db.database.query('ANALYZE');
      const few = await statementCost(db.options, prune);
      await fill(FEW + 1, MANY);
      await db.database.query('ANALYZE');
      const many = await statementCost(db.options, prune);
      expect(many.rows).toBeLessThanOrEqual(2 * few.rows);
    } finally {
      await db.drop();
    }
  }, 60_000);
});

describe('statistics of the query planner', () => {
  it('are made anew of tables that have grown much, and of no others', async () => {
    const db = await createTestDatabase();
    try {
      const known = async () =>
        (
          await db.database.query<{ rows: number }>(
            "SELECT reltuples::integer AS rows FROM pg_class WHERE oid = 'calendar.mailbox'::regclass",
          )
        ).rows[0]?.rows;
      const addresses = Array.from({ length: 2_000 }, (_, n) => `user-${n}@corp.example`);
      await refreshStatistics(db.database);
      await registerMailboxes(db.database, PROVIDER, addresses, { groupSize: 150, move: true });
      expect(await refreshStatistics(db.database)).toEqual(['mailbox']);
      expect(await known()).toBe(2_000);
      expect(await refreshStatistics(db.database)).toEqual([]);
    } finally {
      await db.drop();
    }
  }, 60_000);
});
