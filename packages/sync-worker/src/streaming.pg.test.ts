import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestWorker, type TestConfig, type TestWorker, writeTestConfig } from 'worker-kit/testing';
import { syncWorker } from './sync-worker.ts';
import { FakeReader } from './testing/fake-reader.ts';
import { ewsError } from './testing/sample-ews-items.ts';

const poll = <Value>(read: () => Value) => expect.poll(read, { timeout: 15_000 });
const [anna, boris] = ['anna@corp.example', 'boris@corp.example'] as const;

let db: TestDatabase;
let config: TestConfig;
/** The Exchange server of all workers. */
let exchange: FakeReader;
let workers: TestWorker[];

beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  await db.database.query('DELETE FROM calendar.mailbox');
  await db.database.query('DELETE FROM calendar.worker');
  exchange = new FakeReader();
  workers = [];
  config = await writeTestConfig(db.options);
  configure([anna, boris]);
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  config.remove();
});

function configure(
  users: readonly string[],
  provider: Record<string, unknown> = {},
  sync: Record<string, unknown> = {},
): void {
  const credentials = [{ login: 'service', password: config.encrypt('secret') }];
  config.write({
    calendarProviders: [{ type: 'ews', host: 'exchange.example', credentials, users, ...provider }],
    cache: { autoSync: true },
    sync: { pollSeconds: 3_600, groupSize: 1, ...sync },
  });
}

function start(): TestWorker {
  const worker = startTestWorker(syncWorker({ upkeepMs: 100, makeReader: () => exchange }), config);
  workers.push(worker);
  return worker;
}

const subscribed = () => [...exchange.subscriptions.values()].sort();
const live = () => exchange.streams.filter(({ ended }) => !ended);

async function untilCached(): Promise<void> {
  await poll(async () => {
    const { rows } = await db.database.query('SELECT FROM calendar.mailbox WHERE cached_at IS NOT NULL');
    return rows.length;
  }).toBe(2);
}

/** How often a mailbox was asked for changes. */
function countSyncs(): Map<string, number> {
  const asked = new Map<string, number>();
  exchange.before = (mailbox, operation) => {
    if (operation === 'SyncFolderItems') asked.set(mailbox, (asked.get(mailbox) ?? 0) + 1);
  };
  return asked;
}

describe('a sync worker that listens to Exchange', () => {
  it('subscribes cached mailboxes, and synchronizes the one that a stream tells of', async () => {
    const asked = countSyncs();
    const worker = start();
    await poll(() => live().length).toBe(2);
    await poll(() => [...asked.values()]).toEqual([2, 2]);
    const stream = live().find(({ affinity }) => affinity.anchor === anna);
    stream?.change(stream.subscriptionIds[0] ?? '');
    await poll(() => asked.get(anna)).toBe(3);
    expect(asked.get(boris)).toBe(2);
    const metrics = () => fetch(worker.opsUrl('/metrics')).then((reply) => reply.text());
    await poll(metrics).toMatch(/calendar_event_to_sync_seconds_count\S* 1\n/u);
    await poll(metrics).toMatch(/calendar_streams_open\S* 2\n/u);
  });

  it('trap 16: unsubscribes all when it is told to stop', async () => {
    const worker = start();
    await poll(subscribed).toEqual([anna, boris]);
    expect(await worker.stop()).toBe(true);
    expect(subscribed()).toEqual([]);
    expect(live()).toEqual([]);
  });

  it('trap 16: polls a mailbox that may not be subscribed', async () => {
    const full = ewsError('ErrorExceededSubscriptionCount', 'unknown', { operation: 'Subscribe' });
    exchange.before = (_mailbox, operation) => {
      if (operation === 'Subscribe') throw full;
    };
    const worker = start();
    await untilCached();
    await worker.log.waitFor('stream.mailbox-refused');
    expect(live()).toEqual([]);
    // The interval and the tenth that one pause may be longer.
    const { rows } = await db.database.query<{ n: number }>(
      "SELECT count(*)::integer AS n FROM calendar.mailbox WHERE next_sync_at <= clock_timestamp() + interval '3960 s'",
    );
    expect(rows).toEqual([{ n: 2 }]);
  });

  it('polls a mailbox as often as any other whose subscription was lost and cannot be made anew', async () => {
    const sync = { pollSeconds: 600, streamedPollSeconds: 3_600, groupSize: 2 };
    configure([anna, boris], { streaming: { enabled: false } }, sync);
    const worker = start();
    await untilCached();
    // Both together, so that nobody has to wait for the next stream.
    configure([anna, boris], {}, sync);
    await worker.worker.reload();
    const distant = async () => {
      const { rows } = await db.database.query<{ address: string }>(
        `SELECT address FROM calendar.mailbox
         WHERE next_sync_at > clock_timestamp() + interval '700 s' AND wanted_at IS NULL ORDER BY address`,
      );
      return rows.map(({ address }) => address);
    };
    await poll(distant).toEqual([anna, boris]);
    const full = ewsError('ErrorExceededSubscriptionCount', 'unknown', { operation: 'Subscribe' });
    exchange.before = (_mailbox, operation) => {
      if (operation === 'Subscribe') throw full;
    };
    const [[lost = ''] = []] = [...exchange.subscriptions].filter(([, mailbox]) => mailbox === boris);
    const error = ewsError('ErrorSubscriptionNotFound', 'resubscribe', { operation: 'GetStreamingEvents' });
    live()[0]?.push({ kind: 'refused', subscriptionIds: [lost], error });
    await poll(() => live().map(({ subscriptionIds }) => subscriptionIds.length)).toEqual([1]);
    await poll(distant).toEqual([anna]);
  });

  it('is degraded, with cause and cure, while the listed mailboxes need more accounts than there are', async () => {
    configure([anna, boris], { limits: { streams: 1 } });
    const worker = start();
    await untilCached();
    const streams = () => worker.context.health.report().checks.streams;
    await poll(streams).toMatchObject({
      state: 'degraded',
      detail: expect.stringMatching(
        /2 mailboxes need 2 streams.*1 mailboxes are polled.* every \d+ s; list 1 more account/u,
      ),
    });
    configure([anna, boris], { limits: { streams: 2 } });
    await worker.worker.reload();
    await poll(streams).toMatchObject({ state: 'ok' });
  });

  it('follows the list of users, and whether streams are wanted at all', async () => {
    const worker = start();
    await poll(subscribed).toEqual([anna, boris]);
    configure([anna]);
    await worker.worker.reload();
    await poll(subscribed).toEqual([anna]);
    configure([anna, boris]);
    await worker.worker.reload();
    await poll(subscribed).toEqual([anna, boris]);
    configure([anna, boris], { streaming: { enabled: false } });
    await worker.worker.reload();
    await poll(() => live().length).toBe(0);
  });

  it('shares the groups with others: each mailbox is subscribed by one, whoever comes and goes', async () => {
    const first = start();
    await poll(subscribed).toEqual([anna, boris]);
    const second = start();
    await poll(() => second.context.registry.livePeers('sync-worker').length).toBe(2);
    await poll(subscribed).toEqual([anna, boris]);
    await first.stop();
    await poll(subscribed).toEqual([anna, boris]);
    await poll(() => live().length).toBe(2);
    await second.stop();
    expect(subscribed()).toEqual([]);
  });
});
