import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { registerMailboxes } from './mailbox-registration.ts';
import {
  activateMailbox,
  type ClaimRequest,
  claimDueMailboxes,
  handBackLease,
  readDueMailboxes,
  readSyncGroups,
  recordSyncFailure,
  renewLeases,
} from './mailboxes.ts';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';

let db: TestDatabase;
let provider: string;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(() => {
  provider = `${randomUUID()}/ews`;
});

const TERMS = { groupSize: 150, move: true };

async function boxes(count: number): Promise<string[]> {
  const addresses = Array.from({ length: count }, (_, n) => `${n}-${randomUUID()}@corp.example`);
  await registerMailboxes(db.database, provider, addresses, TERMS);
  return addresses;
}

function request(addresses: readonly string[], changes: Partial<ClaimRequest> = {}): ClaimRequest {
  const listed = addresses.map((address) => ({ provider, address }));
  const groups = [`${provider}/1`];
  return { workerId: randomUUID(), groups, listed, limit: 100, leaseSeconds: 30, rescueSeconds: 60, ...changes };
}

const claim = (addresses: readonly string[], changes: Partial<ClaimRequest> = {}) =>
  claimDueMailboxes(db.database, request(addresses, changes));

async function claimOne(address: string, changes: Partial<ClaimRequest> = {}) {
  const [lease] = await claim([address], changes);
  if (lease === undefined) throw new Error(`${address} is not due`);
  return lease;
}

async function write(change: string, address: string): Promise<void> {
  await db.database.query(`UPDATE calendar.mailbox SET ${change} WHERE address = $1`, [address]);
}

describe('claimDueMailboxes', () => {
  it('gives every due mailbox to exactly one of many who claim at the same time', async () => {
    const addresses = await boxes(60);
    const claims = await Promise.all(Array.from({ length: 6 }, () => claim(addresses, { limit: 15 })));
    const claimed = claims.flat().map(({ address }) => address);
    expect(new Set(claimed).size).toBe(claimed.length);
    const rest = await claim(addresses);
    expect([...claimed, ...rest.map(({ address }) => address)].sort()).toEqual([...addresses].sort());
  });

  it('takes only what is listed under the very provider that the mailbox has', async () => {
    const [address = ''] = await boxes(1);
    expect(await claim([address], { listed: [{ provider: 'other', address }] })).toEqual([]);
    expect(await claim([])).toEqual([]);
    expect(await claim([address])).toHaveLength(1);
  });

  it('leaves another worker’s group alone until that leaves a mailbox lying', async () => {
    const [address = ''] = await boxes(1);
    expect(await claim([address], { groups: [] })).toEqual([]);
    await write("next_sync_at = clock_timestamp() - interval '61 seconds'", address);
    expect(await claim([address], { groups: [] })).toHaveLength(1);
  });

  it('raises the token with each lease, so that an old one is worth nothing', async () => {
    const [address = ''] = await boxes(1);
    const first = await claimOne(address);
    await write('lease_until = clock_timestamp()', address);
    const second = await claimOne(address);
    expect(second.leaseToken).toBe(first.leaseToken + 1);
    await handBackLease(db.database, first);
    expect(await claim([address])).toEqual([]);
    await recordSyncFailure(db.database, first, { status: 'denied', error: 'x', retrySeconds: 0, counts: true });
    expect(await activateMailbox(db.database, first, null)).toBeNull();
    await handBackLease(db.database, second);
    expect((await claimOne(address)).failures).toBe(0);
  });

  it('tells what the last failure was, and whether it counted', async () => {
    const [address = ''] = await boxes(1);
    const failure = { status: 'new', error: 'transient: x', retrySeconds: 0 } as const;
    await recordSyncFailure(db.database, await claimOne(address), { ...failure, counts: true });
    await recordSyncFailure(db.database, await claimOne(address), { ...failure, counts: false });
    expect(await claimOne(address)).toMatchObject({ failures: 1, lastError: 'transient: x' });
  });

  it('holds a failed mailbox for as long as it was told', async () => {
    const [address = ''] = await boxes(1);
    const lease = await claimOne(address);
    await recordSyncFailure(db.database, lease, { status: 'new', error: 'x', retrySeconds: 500, counts: true });
    expect(await claim([address])).toEqual([]);
    const { due, nextSeconds } = await readDueMailboxes(db.database, request([address]).groups);
    expect(due).toBe(false);
    expect(nextSeconds).toBeGreaterThan(450);
    expect(nextSeconds).toBeLessThanOrEqual(500);
  });
});

describe('a list of mailboxes', () => {
  it('may hold any address', async () => {
    const odd = ['o"neil@corp.example', 'back\\slash@corp.example', 'a,b{c}@corp.example', 'süß@corp.example', 'null'];
    await registerMailboxes(db.database, provider, odd, TERMS);
    const claimed = await claim(odd);
    expect(claimed.map(({ address }) => address).sort()).toEqual([...odd].sort());
  });
});

describe('renewLeases', () => {
  it('prolongs leases that are held and tells of those that are not', async () => {
    const addresses = await boxes(3);
    const workerId = randomUUID();
    const leases = await claim(addresses, { workerId });
    const [held, lost, over] = leases;
    await write('lease_token = lease_token + 1', lost?.address ?? '');
    await write('lease_until = clock_timestamp()', over?.address ?? '');
    expect(await renewLeases(db.database, workerId, leases, 30)).toEqual(new Set([held]));
    expect(await renewLeases(db.database, randomUUID(), leases, 30)).toEqual(new Set());
  });
});

describe('readDueMailboxes', () => {
  it('waits for a lease to run out, and knows nothing of other groups and of mailboxes that nobody lists', async () => {
    const [leased = '', due = ''] = await boxes(2);
    const { groups } = request([leased, due]);
    await claimOne(leased, { leaseSeconds: 300 });
    const found = await readDueMailboxes(db.database, groups);
    expect(found.due).toBe(true);
    expect(found.nextSeconds).toBeGreaterThan(250);
    await write('delisted_at = clock_timestamp()', due);
    expect(await readDueMailboxes(db.database, groups)).toMatchObject({ due: false });
    expect(await readDueMailboxes(db.database, ['of somebody else'])).toEqual({ due: false, nextSeconds: null });
  });
});

describe('readSyncGroups', () => {
  const figures = async () => (await readSyncGroups(db.database)).find(({ group }) => group === `${provider}/1`);

  it('counts who is denied, failing and not cached, and how long somebody has been waiting', async () => {
    const [failing = '', denied = '', waiting = '', busy = ''] = await boxes(4);
    const failure = { retrySeconds: 100, counts: true, error: 'x' };
    for (let n = 0; n < 3; n++) {
      expect((await figures())?.stale).toBe(0);
      await recordSyncFailure(db.database, await claimOne(failing), { ...failure, status: 'new', retrySeconds: 0 });
    }
    await recordSyncFailure(db.database, await claimOne(denied), { ...failure, status: 'denied' });
    await write("next_sync_at = clock_timestamp() - interval '90 seconds'", busy);
    await claimOne(busy);
    await write("next_sync_at = clock_timestamp() - interval '50 seconds'", waiting);
    const group = await figures();
    expect(group).toMatchObject({ mailboxes: 4, denied: 1, stale: 1, uncached: 4, oldestSyncSeconds: null });
    expect(group?.overdueSeconds).toBeGreaterThanOrEqual(50);
    expect(group?.overdueSeconds).toBeLessThan(85);
  });

  it('does not call a mailbox overdue that nobody lists any more', async () => {
    const [address = ''] = await boxes(1);
    await write("next_sync_at = clock_timestamp() - interval '90 seconds', delisted_at = clock_timestamp()", address);
    expect((await figures())?.overdueSeconds).toBe(0);
  });
});
