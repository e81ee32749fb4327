import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sampleSyncError } from '../testing/sample-calendar.ts';
import { createTestDatabase, type TestDatabase } from '../testing/test-database.ts';
import { registerMailboxes } from './mailbox-registration.ts';
import {
  activateMailbox,
  type Claim,
  type ClaimRequest,
  claimDueMailboxes,
  handBackLease,
  type ListedMailbox,
  readSyncGroups,
  recordSyncFailure,
  renewLeases,
} from './mailboxes.ts';

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

function look(addresses: readonly string[], changes: Partial<ClaimRequest> = {}): Promise<Claim> {
  const terms = { workerId: randomUUID(), limit: 100, leaseSeconds: 30, rescueSeconds: 60, aheadSeconds: 1_000 };
  const reachable = { providers: [provider], has: ({ address }: ListedMailbox) => addresses.includes(address) };
  return claimDueMailboxes(db.database, { ...terms, groups: [`${provider}/1`], reachable, ...changes });
}

const claim = async (addresses: readonly string[], changes: Partial<ClaimRequest> = {}) =>
  (await look(addresses, changes)).leases;

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
    const other = { providers: ['other'], has: () => true };
    expect(await claim([address], { reachable: other })).toEqual([]);
    const unlisted = { providers: [provider], has: (mailbox: ListedMailbox) => mailbox.provider === 'other' };
    expect(await claim([address], { reachable: unlisted })).toEqual([]);
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
    await recordSyncFailure(db.database, first, {
      status: 'denied',
      error: sampleSyncError(),
      retrySeconds: 0,
      counts: true,
    });
    expect(await activateMailbox(db.database, first, null)).toBeNull();
    await handBackLease(db.database, second);
    expect((await claimOne(address)).failures).toBe(0);
  });

  it('tells what the last failure was, and whether it counted', async () => {
    const [address = ''] = await boxes(1);
    const failure = { status: 'new', error: sampleSyncError('transient'), retrySeconds: 0 } as const;
    await recordSyncFailure(db.database, await claimOne(address), { ...failure, counts: true });
    await recordSyncFailure(db.database, await claimOne(address), { ...failure, counts: false });
    expect(await claimOne(address)).toMatchObject({ failures: 1, lastError: sampleSyncError('transient') });
  });

  it('holds a failed mailbox for as long as it was told', async () => {
    const [address = ''] = await boxes(1);
    const lease = await claimOne(address);
    await recordSyncFailure(db.database, lease, {
      status: 'new',
      error: sampleSyncError(),
      retrySeconds: 500,
      counts: true,
    });
    const { leases, nextSeconds } = await look([address]);
    expect(leases).toEqual([]);
    expect(nextSeconds).toBeGreaterThan(450);
    expect(nextSeconds).toBeLessThanOrEqual(500);
  });

  it('tells when a lease runs out, and nothing of mailboxes that it must not take', async () => {
    const [leased = '', due = ''] = await boxes(2);
    await claimOne(leased, { leaseSeconds: 300 });
    const { leases, nextSeconds } = await look([leased]);
    expect(leases).toEqual([]);
    expect(nextSeconds).toBeGreaterThan(250);
    expect(await look([leased], { aheadSeconds: 200 })).toEqual({ leases: [], nextSeconds: null });
    expect(await look([], {})).toEqual({ leases: [], nextSeconds: null });
    expect(await look([leased, due], { groups: ['of somebody else'] })).toEqual({ leases: [], nextSeconds: null });
  });

  it('leaves alone what no configuration lists any more', async () => {
    const [address = ''] = await boxes(1);
    await write("delisted_at = clock_timestamp(), next_sync_at = clock_timestamp() - interval '1 hour'", address);
    expect(await look([address])).toEqual({ leases: [], nextSeconds: null });
    await write('delisted_at = NULL', address);
    expect(await claim([address])).toHaveLength(1);
  });

  it('finds its own behind any number of others that have been due for longer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        async (own, limit) => {
          provider = `${randomUUID()}/ews`;
          const addresses = await boxes(own.length);
          const mine = addresses.filter((_, index) => own[index]);
          const claimed = await claim(mine, { limit });
          expect(claimed).toHaveLength(Math.min(limit, mine.length));
          expect(mine).toEqual(expect.arrayContaining(claimed.map(({ address }) => address)));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('takes a mailbox once that is both wanted and due for its poll', async () => {
    const [address = ''] = await boxes(1);
    await write('wanted_at = clock_timestamp()', address);
    expect(await claim([address])).toHaveLength(1);
    expect(await claim([address])).toEqual([]);
  });

  it('takes no mailbox that its server asked to be left alone, however much it is wanted', async () => {
    const [address = ''] = await boxes(1);
    await write("wanted_at = clock_timestamp(), held_until = clock_timestamp() + interval '300 s'", address);
    const { leases, nextSeconds } = await look([address]);
    expect(leases).toEqual([]);
    expect(nextSeconds).toBeGreaterThan(250);
  });

  it('takes a mailbox whatever its address looks like', async () => {
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

describe('readSyncGroups', () => {
  const figures = async () => (await readSyncGroups(db.database)).find(({ group }) => group === `${provider}/1`);

  it('counts who is denied, failing and not cached, and how long somebody has been waiting', async () => {
    const [failing = '', denied = '', waiting = '', busy = ''] = await boxes(4);
    const failure = { retrySeconds: 100, counts: true, error: sampleSyncError() };
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
