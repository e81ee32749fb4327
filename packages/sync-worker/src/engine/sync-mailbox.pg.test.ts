import { randomUUID } from 'node:crypto';
import { claimDueMailboxes, type MailboxLease, registerMailboxes } from 'calendar-db/sync';
import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FakeCalendar, type FakeItem } from '../testing/fake-calendar.ts';
import { StaleLeaseError } from './stale-lease-error.ts';
import { type SyncSettings, syncMailbox } from './sync-mailbox.ts';

const SETTINGS: SyncSettings = { backward: 2, forward: 3, autoSync: true, pollSeconds: 0, repairDays: 7 };
const DAY_MS = 86_400_000;
const signal = new AbortController().signal;

let db: TestDatabase;
let mailbox: string;
let calendar: FakeCalendar;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  calendar = new FakeCalendar();
  mailbox = `${randomUUID()}@corp.example`;
  await registerMailboxes(db.database, calendar.key, [mailbox], { groupSize: 150, move: true });
});

function item(itemId: string, changes: Partial<FakeItem> = {}): FakeItem {
  const start = new Date(Math.floor(Date.now() / 1000) * 1000 + DAY_MS);
  const end = new Date(start.getTime() + 3_600_000);
  return {
    itemId,
    uid: `uid of ${itemId} ${mailbox}`,
    subject: itemId,
    start,
    end,
    lastModified: new Date(),
    ...changes,
  };
}

async function claim(): Promise<MailboxLease> {
  const { rows } = await db.database.query<{ group: string }>(
    'SELECT sync_group AS "group" FROM calendar.mailbox WHERE address = $1',
    [mailbox],
  );
  const groups = rows.map(({ group }) => group);
  const { leases } = await claimDueMailboxes(db.database, {
    ...{ workerId: randomUUID(), groups, limit: 1, leaseSeconds: 30, rescueSeconds: 60, aheadSeconds: 0 },
    reachable: { providers: [calendar.key], has: ({ address }) => address === mailbox },
  });
  const [lease] = leases;
  if (lease === undefined) throw new Error('the mailbox is not due');
  return lease;
}

async function sync(settings: Partial<SyncSettings> = {}) {
  return syncMailbox(db.database, calendar, await claim(), { ...SETTINGS, ...settings }, signal);
}

async function subjects(): Promise<string[]> {
  const { rows } = await db.database.query<{ subject: string }>(
    'SELECT subject FROM calendar.event JOIN calendar.mailbox USING (mailbox_id) WHERE address = $1 AND gone_at IS NULL ORDER BY subject',
    [mailbox],
  );
  return rows.map(({ subject }) => subject);
}

async function state() {
  const { rows } = await db.database.query<{
    sync_state: string | null;
    cached: boolean;
    leased: boolean;
    activated_at: Date;
  }>(
    'SELECT sync_state, cached_at IS NOT NULL AS cached, lease_owner IS NOT NULL AS leased, activated_at FROM calendar.mailbox WHERE address = $1',
    [mailbox],
  );
  return rows[0];
}

describe('syncMailbox', () => {
  it('bootstraps, then asks nothing but for changes', async () => {
    calendar.put(item('a'));
    expect(await sync()).toMatchObject({ read: 'window', written: 1 });
    expect(await subjects()).toEqual(['a']);
    expect(await state()).toMatchObject({
      sync_state: '1',
      cached: true,
      leased: false,
      activated_at: new Date('2026-03-01T00:00:00Z'),
    });
    expect(await sync()).toMatchObject({ read: 'nothing', written: 0 });
    expect(calendar.asked).toEqual({ open: 1, changes: 2, window: 1, described: 1 });
  });

  it('takes over what is new, changed and gone, and describes only that', async () => {
    for (const id of ['a', 'b', 'c']) calendar.put(item(id));
    await sync();
    calendar.put(item('a', { subject: 'a, moved', lastModified: new Date() }));
    calendar.remove('b');
    calendar.put(item('d'));
    expect(await sync()).toMatchObject({ read: 'window', written: 3 });
    expect(await subjects()).toEqual(['a, moved', 'c', 'd']);
    expect(calendar.asked.described).toBe(5);
  });

  it('does not lose a change that is saved while the view is read: the bootstrap drains the sync first', async () => {
    calendar.put(item('a'));
    calendar.during = { method: 'window', act: async () => calendar.put(item('late')) };
    await sync();
    calendar.during = { method: 'describe', act: async () => calendar.put(item('later')) };
    await sync();
    await sync();
    expect(await subjects()).toEqual(['a', 'late', 'later']);
  });

  it('applies nothing of a sync whose lease went to somebody else meanwhile', async () => {
    calendar.put(item('a'));
    const lease = await claim();
    await db.database.query('UPDATE calendar.mailbox SET lease_token = lease_token + 1 WHERE address = $1', [mailbox]);
    await expect(syncMailbox(db.database, calendar, lease, SETTINGS, signal)).rejects.toThrow(StaleLeaseError);
    expect(await subjects()).toEqual([]);
  });

  it('keeps cache and sync state when the view or the details fail, and catches up afterwards', async () => {
    calendar.put(item('a'));
    await sync();
    for (const method of ['window', 'describe'] as const) {
      calendar.put(item(`after ${method}`));
      calendar.failNext = { method, error: new Error('cut') };
      await expect(sync()).rejects.toThrow('cut');
      expect(await subjects()).not.toContain(`after ${method}`);
      await db.database.query('UPDATE calendar.mailbox SET lease_until = NULL WHERE address = $1', [mailbox]);
      await sync();
      expect(await subjects()).toContain(`after ${method}`);
    }
  });

  it('keeps an event whose item came unreadable', async () => {
    calendar.put(item('a'));
    await sync();
    calendar.unreadable.add('a');
    calendar.put(item('b'));
    await sync();
    expect(await subjects()).toEqual(['a', 'b']);
  });

  it('reads many pages and more rows than one apply may write', async () => {
    calendar.pageSize = 100;
    for (let n = 0; n < 1_200; n++) calendar.put(item(`item ${n}`, { subject: `${n}` }));
    expect(await sync()).toMatchObject({ written: 1_200 });
    expect(await subjects()).toHaveLength(1_200);
    for (let n = 0; n < 550; n++) calendar.remove(`item ${n}`);
    expect(await sync()).toMatchObject({ written: 550 });
    expect(await subjects()).toHaveLength(650);
  });

  it('reads the window in parts, and lets nothing go before the last of them was seen', async () => {
    calendar.windowParts = 4;
    const start = (days: number) => new Date(Math.floor(Date.now() / 1000) * 1000 + days * DAY_MS);
    const at = (days: number) => ({ start: start(days), end: start(days + 0.01) });
    calendar.put(item('early', at(-20)));
    calendar.put(item('late', at(25)));
    await sync();
    // From the last part to the first and the other way round, in one sync.
    calendar.put(item('early', at(25)));
    calendar.put(item('late', at(-20)));
    calendar.remove('late');
    calendar.put(item('late', at(-20)));
    expect(await sync()).toMatchObject({ read: 'window', written: 2 });
    calendar.remove('early');
    let parts = 0;
    const window = calendar.window.bind(calendar);
    calendar.window = async function* (...given) {
      for await (const part of window(...given)) {
        if (++parts === 4) throw new Error('cut before the last part');
        yield part;
      }
    };
    await expect(sync()).rejects.toThrow('cut before the last part');
    expect(await subjects()).toEqual(['early', 'late']);
    await db.database.query('UPDATE calendar.mailbox SET lease_until = NULL WHERE address = $1', [mailbox]);
    expect(await sync()).toMatchObject({ written: 1 });
    expect(await subjects()).toEqual(['late']);
  });

  it('goes on with a bootstrap that was cut short, instead of beginning anew each time', async () => {
    for (let n = 0; n < 1_300; n++) calendar.put(item(`item ${n}`, { subject: `${n}` }));
    const window = calendar.window.bind(calendar);
    let described = 0;
    calendar.window = async function* (...given) {
      for await (const part of window(...given)) {
        const describe: typeof part.describe = async (...wanted) => {
          if (++described === 4) throw new Error('throttled');
          return part.describe(...wanted);
        };
        yield { ...part, describe };
      }
    };
    await expect(sync()).rejects.toThrow('throttled');
    await db.database.query('UPDATE calendar.mailbox SET lease_until = NULL WHERE address = $1', [mailbox]);
    const before = calendar.asked.described;
    await sync();
    expect(calendar.asked.described - before).toBeLessThan(1_300);
    expect(await subjects()).toHaveLength(1_300);
    expect(await state()).toMatchObject({ cached: true });
  });

  it('reconciles the cache with another server’s calendar, also when that is empty', async () => {
    for (const id of ['a', 'b']) calendar.put(item(id));
    await sync();
    const moved = new FakeCalendar();
    await registerMailboxes(db.database, 'another', [mailbox], { groupSize: 150, move: true });
    expect(await subjects()).toEqual(['a', 'b']);
    await registerMailboxes(db.database, moved.key, [mailbox], { groupSize: 150, move: true });
    calendar = moved;
    expect(await sync()).toMatchObject({ read: 'window', written: 2 });
    expect(await subjects()).toEqual([]);
  });

  /** Item ids of the events that are live, by start. */
  async function itemIds(): Promise<string[]> {
    const { rows } = await db.database.query<{ itemId: string }>(
      'SELECT item_id AS "itemId" FROM calendar.event JOIN calendar.mailbox USING (mailbox_id) WHERE address = $1 AND gone_at IS NULL ORDER BY start_at, item_id',
      [mailbox],
    );
    return rows.map(({ itemId }) => itemId);
  }

  it('does not flip between two copies of one event', async () => {
    const uid = 'imported twice';
    const start = new Date(Math.floor(Date.now() / 1000) * 1000 + DAY_MS);
    const copies = { uid, start, end: start, subject: 'imported twice' };
    calendar.put(item('older', { ...copies, lastModified: new Date('2026-01-01T00:00:00Z') }));
    calendar.put(item('newer', { ...copies, lastModified: new Date('2026-02-01T00:00:00Z') }));
    expect(await sync()).toMatchObject({ written: 1, duplicates: 1 });
    for (const other of ['x', 'y', 'z']) {
      calendar.put(item(other));
      expect(await sync()).toMatchObject({ written: 1, duplicates: 1 });
      expect(await itemIds()).toContain('newer');
      expect(await itemIds()).not.toContain('older');
    }
  });

  it('writes each of two meetings with one UID once when they come in different parts', async () => {
    calendar.windowParts = 2;
    const start = new Date(Math.floor(Date.now() / 1000) * 1000 - 10 * DAY_MS);
    const later = new Date(start.getTime() + 40 * DAY_MS);
    const uid = 'in two parts';
    calendar.put(item('older', { uid, start, end: start, lastModified: new Date('2026-01-01T00:00:00Z') }));
    calendar.put(item('newer', { uid, start: later, end: later, lastModified: new Date('2026-02-01T00:00:00Z') }));
    expect(await sync()).toMatchObject({ written: 2, duplicates: 0 });
    for (const other of ['x', 'y']) {
      calendar.put(item(other));
      expect(await sync()).toMatchObject({ written: 1, duplicates: 0 });
      expect(await itemIds()).toEqual(expect.arrayContaining(['older', 'newer']));
    }
  });

  it('without autoSync shows what was saved since the first contact, and backfills when it is switched on', async () => {
    calendar.put(item('old', { lastModified: new Date('2026-02-01T00:00:00Z') }));
    calendar.put(item('new'));
    await sync({ autoSync: false });
    expect(await subjects()).toEqual(['new']);
    await sync({ autoSync: true });
    expect(await subjects()).toEqual(['new', 'old']);
    await sync({ autoSync: false });
    calendar.put(item('newer'));
    await sync({ autoSync: false });
    expect(await subjects()).toEqual(['new', 'newer', 'old']);
  });

  it('reads the window again when it has moved on, and forgets what ended before it', async () => {
    calendar.put(item('a'));
    await sync();
    const ended = new Date(Date.now() - 100 * DAY_MS);
    await db.database.query(
      `UPDATE calendar.event SET start_at = $2, end_at = $2 FROM calendar.mailbox m WHERE m.mailbox_id = event.mailbox_id AND address = $1`,
      [mailbox, ended],
    );
    await db.database.query(
      "UPDATE calendar.mailbox SET window_to = window_to - interval '2 days' WHERE address = $1",
      [mailbox],
    );
    calendar.items.clear();
    await sync();
    const { rows } = await db.database.query<{ kind: string }>(
      'SELECT c.kind FROM calendar.change c JOIN calendar.mailbox m USING (mailbox_id) WHERE m.address = $1 ORDER BY seq DESC LIMIT 1',
      [mailbox],
    );
    expect(rows).toEqual([{ kind: 'aged' }]);
  });

  /** Makes the database believe that the last good sync was so long ago. */
  async function synced(interval: string): Promise<void> {
    await db.database.query('UPDATE calendar.mailbox SET synced_at = synced_at - $2::interval WHERE address = $1', [
      mailbox,
      interval,
    ]);
  }

  function inDays(days: number): Partial<FakeItem> {
    const start = new Date(Math.floor(Date.now() / 1000) * 1000 + days * DAY_MS);
    return { start, end: new Date(start.getTime() + 3_600_000) };
  }

  it('reads only what the window has grown by, when nothing else is new', async () => {
    calendar.put(item('near'));
    calendar.put(item('far', inDays(150)));
    await sync();
    expect(await subjects()).toEqual(['near']);
    const read: { from: Date; to: Date }[] = [];
    const window = calendar.window.bind(calendar);
    calendar.window = (...given) => {
      read.push(given[2]);
      return window(...given);
    };
    expect(await sync({ forward: 6 })).toMatchObject({ read: 'slice', entries: 1, written: 1 });
    expect(read[0]?.from.getTime()).toBeGreaterThan(Date.now() + 85 * DAY_MS);
    expect(await subjects()).toEqual(['far', 'near']);
    expect(await sync({ forward: 6 })).toMatchObject({ read: 'nothing' });
  });

  it('lets go of what lies beyond a window that was made shorter, and takes it back with a longer one', async () => {
    calendar.put(item('near'));
    calendar.put(item('far', inDays(70)));
    await sync();
    expect(await sync({ forward: 1 })).toMatchObject({ read: 'nothing' });
    expect(await subjects()).toEqual(['near']);
    const { rows } = await db.database.query<{ kind: string }>(
      'SELECT c.kind FROM calendar.change c JOIN calendar.mailbox m USING (mailbox_id) WHERE m.address = $1 ORDER BY seq DESC LIMIT 1',
      [mailbox],
    );
    expect(rows).toEqual([{ kind: 'gone' }]);
    expect(await sync()).toMatchObject({ read: 'slice', written: 1 });
    expect(await subjects()).toEqual(['far', 'near']);
  });

  it('finds by a repair, once in so many days, what the server changed without saying so', async () => {
    for (const id of ['same', 'changed', 'removed']) calendar.put(item(id));
    await sync();
    calendar.items.set('changed', item('changed', { subject: 'changed silently' }));
    calendar.items.set('added', item('added'));
    calendar.items.delete('removed');
    expect(await sync()).toMatchObject({ read: 'nothing' });
    await synced('7 days');
    calendar.put(item('told'));
    expect(await sync()).toMatchObject({ read: 'repair', silent: 3, written: 4 });
    expect(await subjects()).toEqual(['added', 'changed silently', 'same', 'told']);
    expect(await sync()).toMatchObject({ read: 'nothing', silent: 0 });
  });

  it('ends with the server’s truth whatever is put, changed and removed in whatever order', async () => {
    const step = fc.record({
      id: fc.integer({ min: 0, max: 5 }),
      act: fc.constantFrom('put', 'remove', 'sync', 'fail'),
      shift: fc.integer({ min: -20, max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        calendar = new FakeCalendar();
        calendar.windowParts = 3;
        mailbox = `${randomUUID()}@corp.example`;
        await registerMailboxes(db.database, calendar.key, [mailbox], { groupSize: 150, move: true });
        for (const { id, act, shift } of steps) {
          const start = new Date(Math.floor(Date.now() / 1000) * 1000 + shift * DAY_MS);
          if (act === 'put')
            calendar.put(item(`${id}`, { start, end: new Date(start.getTime() + 60_000), subject: `${id} ${shift}` }));
          if (act === 'remove' && calendar.items.has(`${id}`)) calendar.remove(`${id}`);
          if (act === 'fail') calendar.failNext = { method: 'describe', error: new Error('cut') };
          if (act === 'sync' || act === 'fail') {
            await sync().catch(() => undefined);
            await db.database.query('UPDATE calendar.mailbox SET lease_until = NULL WHERE address = $1', [mailbox]);
          }
        }
        calendar.failNext = undefined;
        await sync();
        expect(await subjects()).toEqual([...calendar.items.values()].map(({ subject }) => subject).sort());
      }),
      { numRuns: 15 },
    );
  });
});
