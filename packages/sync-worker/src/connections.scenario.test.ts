import { countConnections, createTestDatabase, type TestDatabase, whileTablesAreHeld } from 'calendar-db/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestWorker, type TestConfig, type TestWorker, writeTestConfig } from 'worker-kit/testing';
import { syncWorker } from './sync-worker.ts';
import { FakeReader } from './testing/fake-reader.ts';

let db: TestDatabase;
let config: TestConfig;
let worker: TestWorker;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  config = await writeTestConfig(db.options);
});
afterEach(async () => {
  await worker.stop();
  config.remove();
});

const connections = () => countConnections(db.database, 'sync-worker');

describe('a sync-worker', () => {
  it('opens as many connections as it is said to need, however many syncs wait for the database, and closes them', async () => {
    const users = Array.from({ length: 40 }, (_, n) => `person${n}@corp.example`);
    const credentials = [{ login: 'service', password: config.encrypt('secret') }];
    const limits = { connections: 100, requestsPerSecond: 1000, hostConnections: 1000 };
    config.write({
      calendarProviders: [{ type: 'ews', host: 'exchange.example', credentials, users, limits }],
      sync: { pollSeconds: 0.5, concurrency: 40 },
    });
    worker = startTestWorker(syncWorker({ makeReader: () => new FakeReader() }), config);
    await worker.log.waitFor('worker.ready');
    const counts: number[] = [];
    await whileTablesAreHeld(db.options, ['calendar.mailbox'], async () => {
      await expect
        .poll(async () => counts[counts.push(await connections()) - 1], { timeout: 8_000, interval: 20 })
        .toBe(6 + 1);
    });
    for (let looks = 0; looks < 20; looks++) counts.push(await connections());
    expect(Math.max(...counts)).toBe(6 + 1);

    config.write({
      calendarProviders: [{ type: 'ews', host: 'exchange.example', credentials, users, limits }],
      sync: { pollSeconds: 3_600, concurrency: 40 },
    });
    await worker.worker.reload();
    await expect.poll(connections, { timeout: 40_000, interval: 200 }).toBeLessThanOrEqual(3 + 1);
  }, 60_000);

  it('opens as many as the config allows', async () => {
    config.write({ database: { poolSize: 2 } });
    worker = startTestWorker(syncWorker({ makeReader: () => new FakeReader() }), config);
    await worker.log.waitFor('worker.ready');
    await whileTablesAreHeld(db.options, ['calendar.mailbox', 'calendar.worker'], async () => {
      await expect.poll(connections, { timeout: 8_000, interval: 20 }).toBe(2 + 1);
    });
  });
});
