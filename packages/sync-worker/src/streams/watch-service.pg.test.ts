import { randomUUID } from 'node:crypto';
import { type ListedMailbox, registerMailboxes } from 'calendar-db/sync';
import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SyncPeer } from '../testing/sync-peer.ts';
import { WatchedCalendars } from '../testing/watched-calendars.ts';

const poll = <Value>(read: () => Value) => expect.poll(read, { timeout: 15_000 });

let db: TestDatabase;
let calendars: WatchedCalendars;
let listed: ListedMailbox[];
let peers: SyncPeer[];
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  await db.database.query('DELETE FROM calendar.mailbox');
  await db.database.query('DELETE FROM calendar.worker');
  calendars = new WatchedCalendars();
  peers = [];
});
afterEach(async () => {
  await calendars.letAllGo();
  await Promise.all(peers.map((peer) => peer.leave()));
});

/** Makes mailboxes, in groups of two. */
async function register(count: number): Promise<string[]> {
  const addresses = Array.from({ length: count }, (_, n) => `${n}-${randomUUID()}@corp.example`);
  listed = addresses.map((address) => ({ provider: calendars.key, address }));
  await registerMailboxes(db.database, calendars.key, addresses, { groupSize: 2, move: true });
  return addresses;
}

/** One more worker, whose polls nobody will live to see. */
async function join(): Promise<SyncPeer> {
  const slow = { pollSeconds: 600, watchedPollSeconds: 3_600 };
  const peer = new SyncPeer({ database: db.database, provider: calendars, listed, ...slow });
  peers.push(peer);
  await peer.start();
  return peer;
}

/** Waits until all mailboxes are listened to and were synchronized since. */
async function untilWatched(): Promise<void> {
  await poll(() => peers.reduce((sum, { watched }) => sum + watched, 0)).toBe(listed.length);
  // Once to be cached, once after it was listened to.
  await poll(() => listed.every(({ address }) => (calendars.syncs.get(address) ?? 0) >= 2)).toBe(true);
  await poll(() => count('lease_until IS NOT NULL OR wanted_at IS NOT NULL')).toBe(0);
}

const distantPolls = () => count("next_sync_at > clock_timestamp() + interval '700 s'");

async function count(condition: string): Promise<number> {
  const { rows } = await db.database.query<{ n: number }>(
    `SELECT count(*)::integer AS n FROM calendar.mailbox WHERE ${condition}`,
  );
  return rows[0]?.n ?? 0;
}

describe('WatchService', () => {
  it('synchronizes all mailboxes after it began to listen', async () => {
    await register(4);
    await join();
    await untilWatched();
    expect([...calendars.syncs.values()]).toEqual([2, 2, 2, 2]);
  });

  it('brings a change into the cache long before the poll', async () => {
    const [anna = '', boris = ''] = await register(2);
    await join();
    await untilWatched();
    calendars.synced.clear();
    calendars.change(anna);
    await poll(() => calendars.synced.has(anna)).toBe(true);
    expect(calendars.synced.has(boris)).toBe(false);
  });

  it('trap 7: two changes and a running sync lead to one more sync, never to two at a time', async () => {
    const [anna = ''] = await register(1);
    await join();
    await untilWatched();
    const before = calendars.syncs.get(anna) ?? 0;
    calendars.hold();
    calendars.change(anna);
    await poll(() => calendars.held).toBe(1);
    calendars.change(anna);
    calendars.change(anna);
    await poll(() => count('wanted_at IS NOT NULL')).toBe(1);
    expect(calendars.held).toBe(1);
    await calendars.letAllGo();
    await untilWatched();
    expect(calendars.syncs.get(anna)).toBe(before + 2);
    expect(calendars.mostAtOnce).toBe(1);
  });

  it('trap 4: gives mailboxes back to their ordinary polls at once when a stream is lost', async () => {
    await register(4);
    await join();
    await untilWatched();
    calendars.lose();
    await poll(distantPolls).toBe(0);
  });

  it('never cuts the back-off of a mailbox short', async () => {
    const [anna = '', boris = ''] = await register(2);
    await join();
    await untilWatched();
    const backOff = "error_code = 'x', error_class = 'throttle', next_sync_at = clock_timestamp() + interval '1000 s'";
    await db.database.query(`UPDATE calendar.mailbox SET ${backOff} WHERE address = $1`, [anna]);
    calendars.synced.clear();
    calendars.change(anna);
    calendars.change(boris);
    await poll(() => calendars.synced.has(boris)).toBe(true);
    calendars.lose();
    await poll(distantPolls).toBe(1);
    expect(calendars.synced.has(anna)).toBe(false);
  });

  it('leaves a group alone whose mailboxes can all be opened no more, and listens again when they can', async () => {
    const addresses = await register(4);
    const peer = await join();
    await untilWatched();
    const [first = ''] = peer.watching();
    const denied = "UPDATE calendar.mailbox SET status = 'denied' WHERE sync_group = $1";
    await db.database.query(denied, [first]);
    await poll(() => calendars.groups).toEqual(peer.ownership.owned().filter((group) => group !== first));
    expect(peer.watched).toBe(addresses.length - 2);
    await db.database.query("UPDATE calendar.mailbox SET status = 'ok'");
    await untilWatched();
  });

  it('hands streams over as workers join, leave and die; each group has a listener, and one only', async () => {
    await register(12);
    const groups = [1, 2, 3, 4, 5, 6].map((n) => `${calendars.key}/${n}`);
    const first = await join();
    await poll(() => calendars.groups).toEqual(groups);
    const second = await join();
    await poll(() => first.ownership.owned().length + second.ownership.owned().length).toBe(6);
    await poll(() => calendars.groups).toEqual(groups);
    await untilWatched();
    await second.die();
    const dying = second.watching();
    // The dead one's connections still stand; whoever survives listens too.
    await poll(() => calendars.groups).toEqual([...groups, ...dying].sort());
    await second.bury();
    peers = [first];
    await poll(() => calendars.groups).toEqual(groups);
    await untilWatched();
    const third = await join();
    await first.leave();
    peers = [third];
    await poll(() => calendars.groups).toEqual(groups);
    expect(calendars.mostAtOnce).toBe(1);
  });
});
