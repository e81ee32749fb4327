import { confirmMailbox, readSuspectMailboxes } from 'calendar-db/operator';
import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CalendarSync } from '../testing/calendar-sync.ts';
import { providerError } from '../testing/sample-provider-error.ts';

let db: TestDatabase;
let one: CalendarSync;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  one = await CalendarSync.start(db);
});

/** Fills the calendar with so many events to come and so many past ones, and synchronizes it. */
async function fill(coming: number, past = 5): Promise<void> {
  for (let n = 0; n < coming; n++) one.calendar.put(one.item(`coming ${n}`, 1 + n));
  for (let n = 0; n < past; n++) one.calendar.put(one.item(`past ${n}`, -1 - n));
  await one.sync();
}

/** The server answers truthfully that there is nothing. */
function lose(count: number, how: 'told' | 'silent' = 'told'): void {
  for (const itemId of [...one.calendar.items.keys()].slice(0, count)) {
    if (how === 'told') one.calendar.remove(itemId);
    else one.calendar.items.delete(itemId);
  }
}

describe('a mailbox that empties', () => {
  it('is suspect: nothing is gone, and its syncs do not count until three views at 0, 15 and 30 minutes agree', async () => {
    await fill(43, 0);
    const syncedAt = await one.mailbox('synced_at');
    lose(43);
    expect(await one.sync()).toMatchObject({ read: 'window', written: 0, unbelieved: { lost: 43, of: 43 } });
    expect(await one.mailbox('status')).toBe('suspect');
    expect(await one.rows()).toHaveLength(43);
    // Polls in between, by other workers each time, add nothing.
    await one.later('14 minutes');
    expect(await one.sync()).toMatchObject({ read: 'nothing' });
    expect(await one.mailbox('status')).toBe('suspect');
    await one.later('1 minute');
    expect(await one.sync()).toMatchObject({ read: 'window', unbelieved: { lost: 43, of: 43 } });
    expect(await one.mailbox('suspect_views')).toBe(2);
    await one.later('14 minutes');
    expect(await one.sync()).toMatchObject({ read: 'nothing' });
    expect(await one.mailbox('synced_at')).toEqual(syncedAt);
    expect(await one.rows()).toHaveLength(43);
    await one.later('1 minute');
    expect(await one.sync()).toMatchObject({ read: 'window', written: 43, unbelieved: null });
    expect(await one.rows()).toEqual([]);
    expect(await one.mailbox('status')).toBe('ok');
    expect(await one.mailbox('suspect_since')).toBeNull();
    expect(await one.mailbox('synced_at')).not.toEqual(syncedAt);
  });

  it('is suspect too when the server refuses the sync state, or says nothing of what went before a repair', async () => {
    await fill(20);
    lose(25, 'silent');
    const changes = one.calendar.changes.bind(one.calendar);
    one.calendar.changes = async (mailbox, folder, state) => {
      if (state !== null) throw providerError('resync', { lost: 'sync-state' });
      return changes(mailbox, folder, state);
    };
    expect(await one.sync()).toMatchObject({ anew: true, unbelieved: { lost: 20, of: 20 } });
    expect(await one.rows()).toHaveLength(25);

    one = await CalendarSync.start(db);
    await fill(20);
    lose(25, 'silent');
    await db.database.query(
      "UPDATE calendar.mailbox SET synced_at = synced_at - interval '7 days' WHERE address = $1",
      [one.address],
    );
    expect(await one.sync()).toMatchObject({ read: 'repair', silent: 0, unbelieved: { lost: 20, of: 20 } });
    expect(await one.sync()).toMatchObject({ read: 'nothing' });
    expect(await one.rows()).toHaveLength(25);
  });

  it('keeps what is new and what changed in a view that is not believed', async () => {
    await fill(20, 0);
    lose(19);
    one.calendar.put(one.item('coming 19', 20, { subject: 'renamed' }));
    one.calendar.put(one.item('new'));
    expect(await one.sync()).toMatchObject({ written: 2, unbelieved: { lost: 19, of: 20 } });
    expect((await one.rows()).map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(['coming 3', 'new', 'renamed']),
    );
  });

  it('is believed at once when its events come back', async () => {
    await fill(20, 0);
    const items = [...one.calendar.items.values()];
    lose(20);
    await one.sync();
    for (const item of items.slice(1)) one.calendar.put(item);
    expect(await one.sync()).toMatchObject({ written: 1, unbelieved: null });
    expect(await one.rows()).toHaveLength(19);
    expect(await one.mailbox('status')).toBe('ok');
  });

  it('begins to count anew when some come back and as much is still missing', async () => {
    await fill(40, 0);
    const items = [...one.calendar.items.values()];
    lose(40);
    await one.sync();
    await one.later('15 minutes');
    await one.sync();
    for (const item of items.slice(0, 5)) one.calendar.put(item);
    expect(await one.sync()).toMatchObject({ unbelieved: { lost: 35, of: 40 } });
    expect(await one.mailbox('suspect_views')).toBe(1);
    await one.later('15 minutes');
    await one.sync();
    expect(await one.rows()).toHaveLength(40);
    await one.later('15 minutes');
    expect(await one.sync()).toMatchObject({ written: 35, unbelieved: null });
  });

  it('counts events that were made and deleted meanwhile neither for nor against it', async () => {
    await fill(20, 0);
    lose(20);
    await one.sync();
    for (let n = 0; n < 60; n++) one.calendar.put(one.item(`new ${n}`));
    expect(await one.sync()).toMatchObject({ written: 60, unbelieved: { lost: 20, of: 20 } });
    one.calendar.remove('new 0');
    await one.later('15 minutes');
    expect(await one.sync()).toMatchObject({ written: 0, unbelieved: { lost: 20, of: 20 } });
    await one.later('15 minutes');
    expect(await one.sync()).toMatchObject({ written: 21, unbelieved: null });
    expect(await one.rows()).toHaveLength(59);
  });

  it.each([
    ['half of its events', 30, 15],
    ['ten of its events', 12, 10],
    ['all of its past events and a few to come', 20, 5],
  ])('is believed when it loses %s', async (what, coming, lost) => {
    await fill(coming, 30);
    if (what.startsWith('all')) for (let n = 0; n < 30; n++) one.calendar.remove(`past ${n}`);
    for (let n = 0; n < lost; n++) one.calendar.remove(`coming ${n}`);
    expect(await one.sync()).toMatchObject({ unbelieved: null });
    expect((await one.itemIds()).filter((id) => id.startsWith('coming'))).toHaveLength(coming - lost);
  });

  /** Gives the calendar this many series, each of 26 weeks, and synchronizes it. */
  const fillWithSeries = async (count: number) => {
    for (let series = 0; series < count; series++) {
      for (let week = 0; week < 26; week++) {
        const itemId = `series ${series} week ${week}`;
        // One UID would be one event each: a fake event's id is made of its UID alone.
        one.calendar.put(one.item(itemId, 1 + week, { seriesId: `master ${series}` }));
      }
    }
    await one.sync();
  };

  it('is believed at once when all that it loses is a series that its organizer called off', async () => {
    await fillWithSeries(1);
    await fill(3, 0);
    one.calendar.removeSeries('master 0');
    expect(await one.sync()).toMatchObject({ written: 26, unbelieved: null });
    expect(await one.rows()).toHaveLength(3);
  });

  it('is believed at once when the series that it loses are a few, and counts each of them once', async () => {
    await fillWithSeries(10);
    await fill(9, 0);
    for (let series = 0; series < 10; series++) one.calendar.removeSeries(`master ${series}`);
    expect(await one.sync()).toMatchObject({ written: 260, unbelieved: null });
    expect(await one.rows()).toHaveLength(9);
  });

  it('is suspect when it loses more than ten series at once, which are all that it has', async () => {
    await fillWithSeries(11);
    for (let series = 0; series < 11; series++) one.calendar.removeSeries(`master ${series}`);
    expect(await one.sync()).toMatchObject({ written: 0, unbelieved: { lost: 286, of: 286 } });
    expect(await one.rows()).toHaveLength(286);
  });

  it('is suspect when it loses a single series of which the log says nothing', async () => {
    await fillWithSeries(1);
    for (const itemId of [...one.calendar.items.keys()]) one.calendar.items.delete(itemId);
    one.calendar.put(one.item('new'));
    expect(await one.sync()).toMatchObject({ unbelieved: { lost: 26, of: 26 } });
  });

  it('is not suspect for events that moved, nor for a window that moved on', async () => {
    await fill(30, 0);
    for (let n = 0; n < 30; n++) one.calendar.put(one.item(`coming ${n}`, 40 + n));
    expect(await one.sync()).toMatchObject({ written: 30, unbelieved: null });
    await fill(0, 30);
    expect(await one.sync({ backward: 0, forward: 1 })).toMatchObject({ unbelieved: null });
    // What only the longer window showed is no loss of the shorter one.
    expect(await one.sync({ backward: 2, forward: 3 })).toMatchObject({ unbelieved: null });
  });

  it('is not judged by a view that is not complete', async () => {
    await fill(20, 0);
    lose(20);
    await one.sync();
    one.calendar.unreadable.add(null);
    for (let n = 0; n < 3; n++) {
      await one.later('15 minutes');
      expect(await one.sync()).toMatchObject({ unbelieved: { lost: 20, of: 20 } });
    }
    expect(await one.rows()).toHaveLength(20);
    expect(await one.mailbox('suspect_views')).toBe(1);
  });

  it('is named with its loss, and believed at the next view once an administrator has agreed', async () => {
    await fill(20, 0);
    lose(20);
    await one.sync();
    expect(await readSuspectMailboxes(db.database)).toContainEqual(
      expect.objectContaining({ address: one.address, lost: 20, of: 20, views: 1, confirmed: false }),
    );
    expect(await confirmMailbox(db.database, 'another@corp.example')).toEqual([]);
    expect(await confirmMailbox(db.database, one.address)).toEqual([one.address]);
    expect(await one.sync({ pollSeconds: 60 })).toMatchObject({ read: 'window', written: 20, unbelieved: null });
    expect(await confirmMailbox(db.database, one.address)).toEqual([]);
    expect(await one.mailbox('suspect_confirmed')).toBe(false);
  });
});
