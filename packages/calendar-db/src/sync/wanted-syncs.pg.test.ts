import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sampleSyncError } from '../testing/sample-calendar.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { registerMailboxes } from './mailbox-registration.ts';
import { type Claim, claimDueMailboxes, type MailboxLease, recordSyncFailure } from './mailboxes.ts';
import { applySyncChunk } from './sync-results.ts';
import { hastenPolls, readWatchableMailboxes, wantSyncs } from './wanted-syncs.ts';

let db: TestDatabase;
let provider: string;
let address: string;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  provider = `${randomUUID()}/ews`;
  address = `${randomUUID()}@corp.example`;
  await registerMailboxes(db.database, provider, [address], { groupSize: 150, move: true });
});

function claimSome(limit: number): Promise<Claim> {
  const terms = { workerId: randomUUID(), leaseSeconds: 30, rescueSeconds: 60, aheadSeconds: 86_400 };
  const reachable = { providers: [provider], has: () => true };
  return claimDueMailboxes(db.database, { ...terms, groups: [`${provider}/1`], limit, reachable });
}

const claim = async (): Promise<MailboxLease | undefined> => (await claimSome(10)).leases[0];

/** Claims the mailbox and completes its sync; its poll is then an hour away. */
async function synchronize(during = async () => {}): Promise<void> {
  const lease = await claim();
  if (lease === undefined) throw new Error('the mailbox is not due');
  await during();
  const done = { syncState: randomUUID(), folderId: 'f', nextSyncSeconds: 3_600, cached: !lease.cached };
  expect(await applySyncChunk(db.database, lease, { occurrences: [], gone: [], done })).toBe(0);
}

const want = (seconds = 0) => wantSyncs(db.database, [address], seconds);
/** Seconds; not positive when it is due. */
async function dueIn(): Promise<number | undefined> {
  const text = `SELECT extract(epoch FROM calendar.sync_due_at(m) - clock_timestamp())::float8 AS seconds
    FROM calendar.mailbox m WHERE address = $1`;
  return (await db.database.query<{ seconds: number }>(text, [address])).rows[0]?.seconds;
}

describe('wantSyncs', () => {
  it('makes a mailbox due before its poll, once', async () => {
    await synchronize();
    expect(await claim()).toBeUndefined();
    await want();
    await synchronize();
    expect(await claim()).toBeUndefined();
  });

  it('lets several changes settle into one sync, counted from the first', async () => {
    await synchronize();
    await want(300);
    await want(900);
    expect(await dueIn()).toBeLessThanOrEqual(300);
    expect(await dueIn()).toBeGreaterThan(200);
    expect(await claim()).toBeUndefined();
  });

  it('trap 7: a change that comes while the sync runs leads to exactly one more', async () => {
    await synchronize(async () => {
      await want();
      await want();
      expect(await claim()).toBeUndefined();
    });
    await synchronize();
    expect(await claim()).toBeUndefined();
  });

  it('does not cut a back-off short, and is not forgotten in it', async () => {
    const lease = (await claim()) as MailboxLease;
    await recordSyncFailure(db.database, lease, {
      status: 'stale',
      error: sampleSyncError('throttle'),
      retrySeconds: 600,
      counts: true,
    });
    await want();
    expect(await claim()).toBeUndefined();
    expect(await dueIn()).toBeGreaterThan(500);
    await db.database.query('UPDATE calendar.mailbox SET next_sync_at = clock_timestamp() WHERE address = $1', [
      address,
    ]);
    await synchronize();
    expect(await claim()).toBeUndefined();
  });

  it('comes before polls that have been due for longer', async () => {
    await synchronize();
    const others = Array.from({ length: 3 }, () => `${randomUUID()}@corp.example`);
    await registerMailboxes(db.database, provider, others, { groupSize: 150, move: true });
    await want();
    expect((await claimSome(1)).leases).toMatchObject([{ address }]);
  });
});

describe('hastenPolls', () => {
  const hasten = (watched: string[] = [], seconds = 60) =>
    hastenPolls(db.database, [`${provider}/1`], watched, seconds);

  it('brings polls that are far away back to the ordinary, and no others', async () => {
    await synchronize();
    expect(await hasten([address])).toBe(0);
    expect(await hasten([], 7_200)).toBe(0);
    expect(await hasten()).toBe(1);
    expect(await dueIn()).toBeLessThanOrEqual(60);
    expect(await hasten()).toBe(0);
  });

  it('does not cut a back-off short', async () => {
    const lease = (await claim()) as MailboxLease;
    await recordSyncFailure(db.database, lease, {
      status: 'denied',
      error: sampleSyncError('mailbox'),
      retrySeconds: 600,
      counts: true,
    });
    expect(await hasten()).toBe(0);
  });
});

describe('readWatchableMailboxes', () => {
  const read = () => readWatchableMailboxes(db.database, [`${provider}/1`]);

  it('names cached mailboxes, and which of them do well', async () => {
    expect(await read()).toEqual([]);
    await synchronize();
    expect(await read()).toEqual([{ group: `${provider}/1`, provider, address, healthy: true }]);
    await want();
    const lease = (await claim()) as MailboxLease;
    await recordSyncFailure(db.database, lease, {
      status: 'stale',
      error: sampleSyncError(),
      retrySeconds: 0,
      counts: true,
    });
    expect(await read()).toMatchObject([{ address, healthy: false }]);
    const again = (await claim()) as MailboxLease;
    await recordSyncFailure(db.database, again, {
      status: 'denied',
      error: sampleSyncError(),
      retrySeconds: 0,
      counts: true,
    });
    expect(await read()).toEqual([]);
  });
});
