import { randomUUID } from 'node:crypto';
import { type ListedMailbox, registerMailboxes } from 'calendar-db/sync';
import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ManyCalendars } from '../testing/many-calendars.ts';
import { SyncPeer, type SyncPeerOptions } from '../testing/sync-peer.ts';

const poll = <Value>(read: () => Value) => expect.poll(read, { timeout: 30_000 });

let db: TestDatabase;
let calendars: ManyCalendars;
let listed: ListedMailbox[];
let peers: SyncPeer[];
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  await db.database.query('DELETE FROM calendar.mailbox');
  await db.database.query('DELETE FROM calendar.worker');
  calendars = new ManyCalendars();
  peers = [];
  const addresses = Array.from({ length: 12 }, (_, n) => `${n}-${randomUUID()}@corp.example`);
  listed = addresses.map((address) => ({ provider: calendars.key, address }));
  await registerMailboxes(db.database, calendars.key, addresses, { groupSize: 2, move: true });
});
afterEach(async () => {
  await calendars.letAllGo();
  await Promise.all(peers.map((peer) => peer.leave()));
});

async function join(options: Partial<SyncPeerOptions> = {}): Promise<SyncPeer> {
  const peer = new SyncPeer({ database: db.database, provider: calendars, listed, ...options });
  peers.push(peer);
  await peer.start();
  return peer;
}

const forget = (peer: SyncPeer) => {
  peers = peers.filter((other) => other !== peer);
};

/** Waits until every mailbox was synchronized again from now on. */
async function untilAllSyncedAgain(): Promise<void> {
  calendars.synced.clear();
  await poll(() => calendars.synced.size).toBe(listed.length);
}

async function leases(): Promise<number> {
  const { rows } = await db.database.query<{ held: number }>(
    'SELECT count(*)::integer AS held FROM calendar.mailbox WHERE lease_until > clock_timestamp()',
  );
  return rows[0]?.held ?? 0;
}

describe('several sync workers', () => {
  it('part the groups among themselves as they join and leave, and never synchronize a mailbox twice at a time', async () => {
    const first = await join();
    await untilAllSyncedAgain();
    const second = await join();
    await poll(() => first.ownership.owned().length + second.ownership.owned().length).toBe(6);
    await untilAllSyncedAgain();
    const third = await join();
    await untilAllSyncedAgain();
    await second.leave();
    forget(second);
    await poll(() => first.ownership.owned().length + third.ownership.owned().length).toBe(6);
    await untilAllSyncedAgain();
    expect(calendars.mostAtOnce).toBe(1);
  });

  it('take over from one that was killed in the middle of its syncs, when its leases run out', async () => {
    const victim = await join();
    await untilAllSyncedAgain();
    calendars.hold();
    await poll(() => calendars.held).toBe(listed.length);
    await victim.die();
    forget(victim);
    calendars.forgetHeld();
    await join();
    // The dead one's calls hang for ever; the mailboxes come to the other all the same.
    await untilAllSyncedAgain();
    await calendars.letAllGo();
    await victim.bury();
    expect(calendars.mostAtOnce).toBe(1);
  });

  it('get mailboxes at once from one that drains, whatever it is waiting for', async () => {
    const leaving = await join({ leaseSeconds: 300 });
    calendars.hold();
    await poll(() => calendars.held).toBe(listed.length);
    await leaving.leave();
    forget(leaving);
    expect(await leases()).toBe(0);
    calendars.stopHolding();
    await join({ leaseSeconds: 300 });
    await untilAllSyncedAgain();
    expect(leaving.log.entries.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
  });

  it('serve a mailbox that the owner of its group does not list', async () => {
    await join({ listed: listed.slice(0, 6) });
    await join({ listed: listed.slice(6), rescueSeconds: 0.2 });
    calendars.synced.clear();
    await poll(() => listed.slice(6).every(({ address }) => calendars.synced.has(address))).toBe(true);
    expect(calendars.mostAtOnce).toBe(1);
  });

  it('spread the polls of mailboxes that were first read together over the whole interval', async () => {
    const addresses = Array.from({ length: 60 }, (_, n) => `person${n}@corp.example`);
    listed = addresses.map((address) => ({ provider: calendars.key, address }));
    await db.database.query('DELETE FROM calendar.mailbox');
    await registerMailboxes(db.database, calendars.key, addresses, { groupSize: 60, move: true });
    await join({ pollSeconds: 2 });
    await poll(async () => {
      const { rows } = await db.database.query(
        `SELECT floor(extract(epoch FROM next_sync_at) / 2 % 1 * 10) AS tenth FROM calendar.mailbox
         WHERE cached_at IS NOT NULL GROUP BY tenth HAVING count(*) >= 2`,
      );
      return rows.length;
    }).toBe(10);
    // A single pause is at most a tenth longer than configured.
    const { rows } = await db.database.query(
      "SELECT FROM calendar.mailbox WHERE next_sync_at > clock_timestamp() + interval '2.2 s'",
    );
    expect(rows).toEqual([]);
  }, 40_000);

  it('end a sync by their own clock when its lease can no longer be renewed', async () => {
    const peer = await join({ leaseSeconds: 1 });
    calendars.hold();
    await poll(() => calendars.held).toBe(listed.length);
    await db.database.query('UPDATE calendar.mailbox SET lease_token = lease_token + 1');
    await peer.log.waitFor('sync.stale');
    await poll(() => calendars.aborted).toBeGreaterThanOrEqual(listed.length);
  });
});
