import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startTestWorker, type TestConfig, type TestWorker, writeTestConfig } from 'worker-kit/testing';
import { syncWorker } from './sync-worker.ts';
import { FakeReader } from './testing/fake-reader.ts';

/** What reads all mailboxes. */
const OF_ALL = ['sync/find-unregistered', 'sync/read-groups', 'sync/read-watchable', 'sync/hasten-polls'];
const OF_ONE_WORKER = ['sync/mark-delisted', 'sync/refresh-statistics'];
/** What each turn of the upkeep does last. */
const TURN = 'sync/read-stopped';
const POLL = 'sync/claim';

let db: TestDatabase;
let config: TestConfig;
let workers: TestWorker[];
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  await db.clear();
  workers = [];
  config = await writeTestConfig(db.options);
  const credentials = [{ login: 'service', password: config.encrypt('secret') }];
  config.write({
    calendarProviders: [
      {
        type: 'ews',
        host: 'exchange.example',
        credentials,
        users: ['anna@corp.example'],
        streaming: { enabled: false },
      },
    ],
    cache: { autoSync: true },
    sync: { pollSeconds: 0.1 },
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const worker of workers) await worker.stop();
  config.remove();
});

/** Starts a worker. @returns how often it has run a query since then */
async function start(instance: number): Promise<(name: string) => number> {
  const makeReader = () => {
    const reader = new FakeReader();
    reader.syncFolderItems = async () => ({ syncState: 'state', complete: true, changes: [], ignored: 0 });
    return reader;
  };
  const worker = startTestWorker(syncWorker({ upkeepMs: 100, makeReader }), config, { instance });
  workers.push(worker);
  const query = vi.spyOn(worker.context.database, 'query');
  await worker.log.waitFor('worker.ready');
  return (name) => query.mock.calls.filter(([declared]) => declared.name === name).length;
}

const reaches = (count: () => number, least: number) =>
  expect.poll(count, { timeout: 30_000 }).toBeGreaterThanOrEqual(least);

/** Runs of some queries while another one is run `times` times. */
async function during(calls: (name: string) => number, times: number, names: readonly string[]): Promise<number[]> {
  const before = names.map(calls);
  await reaches(() => calls(TURN), calls(TURN) + times);
  return names.map((name, place) => calls(name) - (before[place] ?? 0));
}

describe('the upkeep of a sync-worker', () => {
  it('looks at all mailboxes in few of its turns while none changes, however often they are polled', async () => {
    const calls = await start(0);
    await reaches(() => calls(POLL), 3);
    await during(calls, 8, []);
    const polls = calls(POLL);
    const looks = await during(calls, 30, [...OF_ALL, ...OF_ONE_WORKER]);
    expect(calls(POLL)).toBeGreaterThan(polls + 5);
    for (const count of looks) expect(count).toBeLessThanOrEqual(30 / 5);
    for (const count of looks) expect(count).toBeGreaterThan(0);
  }, 60_000);

  it.each([
    ['changes its group', "UPDATE calendar.mailbox SET sync_group = sync_group || '0'"],
    ['fails', "UPDATE calendar.mailbox SET error_code = 'x', next_sync_at = now() + interval '1 hour'"],
    ['is agreed to be removed', 'UPDATE calendar.mailbox SET removal_confirmed = true'],
    ['is gone', 'DELETE FROM calendar.mailbox'],
  ])(
    'looks at all mailboxes in its next turn when one %s',
    async (_, change) => {
      const calls = await start(0);
      await reaches(() => calls(POLL), 3);
      await during(calls, 8, []);
      // Just after a look, so that the next one would be far away.
      await reaches(() => calls('sync/read-groups'), calls('sync/read-groups') + 1);
      const looks = calls('sync/read-groups');
      await db.database.query(change);
      await during(calls, 2, []);
      expect(calls('sync/read-groups')).toBeGreaterThan(looks);
    },
    60_000,
  );

  it('does in one of several workers what the others would find the same', async () => {
    const both = [await start(0), await start(1)];
    await expect
      .poll(() => workers.map(({ context }) => context.registry.livePeers('sync-worker').length), { timeout: 15_000 })
      .toEqual([2, 2]);
    for (const calls of both) await during(calls, 2, []);
    const counts = await Promise.all(both.map((calls) => during(calls, 20, ['sync/read-groups', ...OF_ONE_WORKER])));
    for (const [groups] of counts) expect(groups).toBeGreaterThan(0);
    expect(counts.filter(([, delisted = 0, statistics = 0]) => delisted + statistics > 0)).toHaveLength(1);
  }, 60_000);
});
