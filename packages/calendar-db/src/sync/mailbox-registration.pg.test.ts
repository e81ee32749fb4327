import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sampleOccurrence } from '../testing/sample-calendar.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { registerWorker } from '../workers/workers.ts';
import { confirmRemoval, registerMailboxes, removeDelistedMailboxes } from './mailbox-registration.ts';
import { claimDueMailboxes } from './mailboxes.ts';
import { applySyncChunk } from './sync-results.ts';

let db: TestDatabase;
let provider: string;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  provider = `${randomUUID()}/ews`;
  await db.database.query('DELETE FROM calendar.mailbox');
  await db.database.query('DELETE FROM calendar.worker');
});

const some = (count: number) => Array.from({ length: count }, () => `${randomUUID()}@corp.example`);
const register = (addresses: readonly string[], groupSize = 150, move = true, to = provider) =>
  registerMailboxes(db.database, to, addresses, { groupSize, move });

async function groupSizes(): Promise<number[]> {
  const { rows } = await db.database.query<{ size: number }>(
    'SELECT count(*)::integer AS size FROM calendar.mailbox WHERE provider = $1 AND sync_group IS NOT NULL GROUP BY sync_group ORDER BY 1 DESC',
    [provider],
  );
  return rows.map(({ size }) => size);
}

describe('registerMailboxes', () => {
  it('fills groups to the last place and never beyond, however many register at once', async () => {
    const parts = Array.from({ length: 8 }, () => some(7));
    const done = await Promise.all(parts.map((part) => register(part, 10)));
    expect(done.reduce((sum, { added }) => sum + added, 0)).toBe(56);
    expect(await groupSizes()).toEqual([10, 10, 10, 10, 10, 6]);
  });

  it('adds a mailbox once that several list at the same time', async () => {
    const addresses = some(20);
    const done = await Promise.all([1, 2, 3].map(() => register(addresses, 10)));
    expect(done.reduce((sum, { added }) => sum + added, 0)).toBe(20);
    expect(await groupSizes()).toEqual([10, 10]);
  });

  it('keeps all groups within their size whatever comes and goes, and makes no more of them than it must', async () => {
    const step = fc.record({ add: fc.integer({ min: 0, max: 9 }), remove: fc.integer({ min: 0, max: 5 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
        provider = `${randomUUID()}/ews`;
        for (const { add, remove } of steps) {
          const before = await groupSizes();
          const room = before.reduce((sum, size) => sum + 4 - size, 0);
          await register(some(add), 4);
          const after = await groupSizes();
          expect(Math.max(0, ...after)).toBeLessThanOrEqual(4);
          expect(after.length - before.length).toBe(Math.ceil(Math.max(0, add - room) / 4));
          await db.database.query(
            'DELETE FROM calendar.mailbox WHERE mailbox_id IN (SELECT mailbox_id FROM calendar.mailbox WHERE provider = $1 ORDER BY random() LIMIT $2)',
            [provider, remove],
          );
        }
      }),
      { numRuns: 10 },
    );
  });

  it('waits for nobody when there is nothing to do', async () => {
    const addresses = some(3);
    await register(addresses);
    await db.database.transaction(async (writer) => {
      await writer.query('SELECT calendar.lock_changes()');
      expect(await register(addresses)).toEqual({ added: 0, relisted: 0, moved: 0, elsewhere: 0 });
    });
  });

  it('begins anew with a mailbox that another server has now, and keeps showing its cache', async () => {
    const [address = ''] = some(1);
    await register([address]);
    const claim = async (from: string) => {
      const terms = { workerId: randomUUID(), limit: 1, leaseSeconds: 30, rescueSeconds: 60, aheadSeconds: 0 };
      const reachable = { providers: [from], has: () => true };
      const { leases } = await claimDueMailboxes(db.database, { ...terms, groups: [`${from}/1`], reachable });
      return leases[0];
    };
    const first = await claim(provider);
    if (first === undefined) throw new Error('not due');
    const done = {
      syncState: 's1',
      folderId: 'old',
      nextSyncSeconds: 0,
      cached: true,
      window: { from: new Date(0), to: new Date() },
    };
    expect(await applySyncChunk(db.database, first, { occurrences: [sampleOccurrence()], gone: [], done })).toBe(1);
    const old = await claim(provider);
    if (old === undefined) throw new Error('not due');

    const other = `${randomUUID()}/ews`;
    expect(await register([address], 150, false, other)).toEqual({ added: 0, relisted: 0, moved: 0, elsewhere: 1 });
    expect(await register([address], 150, true, other)).toMatchObject({ moved: 1 });
    // What the old server still answers is no longer taken.
    expect(await applySyncChunk(db.database, old, { occurrences: [], gone: [], done })).toBeNull();
    expect(await claim(other)).toMatchObject({
      folderId: null,
      syncState: null,
      windowFrom: null,
      cached: true,
      status: 'stale',
    });
    const { rows } = await db.database.query('SELECT FROM calendar.event WHERE gone_at IS NULL');
    expect(rows).toHaveLength(1);
  });
});

describe('removeDelistedMailboxes', () => {
  const NOW = { deadWorkerSeconds: 15, graceSeconds: 0 };
  const LATER = { deadWorkerSeconds: 15, graceSeconds: 3_600 };
  const worker = (lists: readonly string[]) =>
    registerWorker(db.database, {
      ...{ workerId: randomUUID(), kind: 'sync-worker', host: randomUUID(), instance: 0, pid: 1, version: '0' },
      ...{ configDigests: {}, keyId: null, opsAddress: null, lists, draining: false },
    });

  it('waits for the grace, and forgets the mark when a worker lists the mailbox again', async () => {
    const addresses = some(10);
    const [going = '', ...staying] = addresses;
    await register(addresses);
    await worker(staying);
    expect(await removeDelistedMailboxes(db.database, LATER)).toEqual({ removed: [], waiting: 0 });
    await worker(addresses);
    expect(await removeDelistedMailboxes(db.database, NOW)).toEqual({ removed: [], waiting: 0 });
    await db.database.query('DELETE FROM calendar.worker');
    await worker(staying);
    expect(await removeDelistedMailboxes(db.database, NOW)).toEqual({ removed: [going], waiting: 0 });
  });

  it('removes nothing while one of several live workers still lists it, nor while none is alive', async () => {
    const addresses = some(10);
    await register(addresses);
    expect(await removeDelistedMailboxes(db.database, NOW)).toEqual({ removed: [], waiting: 0 });
    await worker(addresses.slice(1));
    await worker(addresses.slice(0, 1));
    expect(await removeDelistedMailboxes(db.database, NOW)).toEqual({ removed: [], waiting: 0 });
  });

  it('asks an administrator before over a fifth goes at once', async () => {
    const addresses = some(10);
    await register(addresses);
    await worker(addresses.slice(3));
    expect(await removeDelistedMailboxes(db.database, NOW)).toEqual({ removed: [], waiting: 3 });
    expect((await confirmRemoval(db.database)).sort()).toEqual(addresses.slice(0, 3).sort());
    const { removed, waiting } = await removeDelistedMailboxes(db.database, NOW);
    expect({ removed: removed.sort(), waiting }).toEqual({ removed: addresses.slice(0, 3).sort(), waiting: 0 });
  });
});
