import { randomUUID } from 'node:crypto';
import { claimDueMailboxes, type MailboxLease, registerMailboxes } from 'calendar-db/sync';
import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MetricsRegistry } from 'worker-kit';
import { CapturedLog } from 'worker-kit/testing';
import { FakeCalendar } from '../testing/fake-calendar.ts';
import type { ChangePage } from './calendar-provider.ts';
import { SyncMetrics } from './sync-metrics.ts';
import { SyncRunner } from './sync-runner.ts';

const workerId = randomUUID();

let db: TestDatabase;
let mailbox: string;
let calendar: FakeCalendar;
let log: CapturedLog;
let runner: SyncRunner;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  calendar = new FakeCalendar();
  log = new CapturedLog();
  mailbox = `${randomUUID()}@corp.example`;
  await registerMailboxes(db.database, calendar.key, [mailbox], { groupSize: 150, move: true });
  runner = new SyncRunner({
    ...{ database: db.database, workerId, log: log.logger(), leaseSeconds: 30 },
    metrics: new SyncMetrics(new MetricsRegistry()),
    providerOf: () => calendar,
    settings: () => ({ backward: 1, forward: 1, autoSync: true, pollSeconds: 300, repairDays: 7 }),
  });
});

async function claim(): Promise<MailboxLease> {
  const { leases } = await claimDueMailboxes(db.database, {
    ...{ workerId, groups: [], limit: 1, leaseSeconds: 30, rescueSeconds: 0, aheadSeconds: 1 },
    reachable: { providers: [calendar.key], has: ({ address }) => address === mailbox },
  });
  const [lease] = leases;
  if (lease === undefined) throw new Error('the mailbox is not due');
  return lease;
}

async function row() {
  const { rows } = await db.database.query<{ owner: string | null; leftSeconds: number | null }>(
    `SELECT lease_owner AS owner, extract(epoch FROM lease_until - clock_timestamp())::double precision AS "leftSeconds"
     FROM calendar.mailbox WHERE address = $1`,
    [mailbox],
  );
  return rows[0];
}

describe('SyncRunner', () => {
  it('goes on keeping the lease of a sync when an earlier one of the mailbox, which lost its lease, ends late', async () => {
    const answers: ((page: ChangePage) => void)[] = [];
    // As a call that waits for its turn, and notices only then that nobody wants it any more.
    calendar.changes = () => new Promise((resolve) => answers.push(resolve));
    const first = runner.run(await claim(), performance.now());
    await expect.poll(() => answers.length).toBe(1);
    await db.database.query(
      'UPDATE calendar.mailbox SET lease_owner = NULL, lease_until = NULL, lease_token = lease_token + 1 WHERE address = $1',
      [mailbox],
    );
    const second = runner.run(await claim(), performance.now());
    await expect.poll(() => answers.length).toBe(2);
    await runner.renew();
    answers[0]?.({ syncState: 'old', complete: true, itemIds: [] });
    await first;
    expect(log.events()).toContain('sync.stale');
    expect(runner.active).toBe(1);
    await db.database.query(
      "UPDATE calendar.mailbox SET lease_until = clock_timestamp() + interval '5 seconds' WHERE address = $1",
      [mailbox],
    );
    await runner.renew();
    expect((await row())?.leftSeconds).toBeGreaterThan(20);
    runner.drain();
    answers[1]?.({ syncState: 'new', complete: true, itemIds: [] });
    await second;
    expect((await row())?.owner).toBeNull();
  });
});
