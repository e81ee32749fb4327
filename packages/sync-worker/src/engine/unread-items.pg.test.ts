import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CalendarSync } from '../testing/calendar-sync.ts';

const GUEST = 'guest@corp.example';

let db: TestDatabase;
let one: CalendarSync;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  one = await CalendarSync.start(db);
});

/** Seconds until the window is read again. */
const pause = () => one.mailbox<number | null>('extract(epoch FROM reread_at - clock_timestamp())::float');

describe('an item whose details cannot be had', () => {
  it('is asked for again although the server logs no change, and is whole then', async () => {
    one.calendar.put(one.item('a', 1, { attendees: [GUEST] }));
    one.calendar.undescribable.add('a');
    expect(await one.sync({ pollSeconds: 300 })).toMatchObject({ skipped: 1 });
    expect(await one.mailbox("next_sync_at < clock_timestamp() + interval '2 seconds'")).toBe(true);
    one.calendar.undescribable.clear();
    await one.later('2 seconds');
    expect(await one.sync()).toMatchObject({ read: 'window', skipped: 0, written: 1 });
    expect(await one.rows()).toMatchObject([{ itemId: 'a', details: 'read', attendees: [{ address: GUEST }] }]);
    expect(await one.mailbox('unread_items')).toBe(0);
    expect(await one.sync()).toMatchObject({ read: 'nothing' });
  });

  it('is asked for again after growing pauses, while polls read nothing', async () => {
    one.calendar.put(one.item('a'));
    one.calendar.undescribable.add('a');
    await one.sync();
    const pauses: number[] = [];
    for (let n = 0; n < 14; n++) {
      const seconds = (await pause()) ?? 0;
      pauses.push(seconds);
      expect(await one.sync()).toMatchObject({ read: 'nothing' });
      await one.later(`${Math.ceil(seconds)} seconds`);
      expect(await one.sync()).toMatchObject({ read: 'window', skipped: 1, written: 0 });
    }
    expect(pauses[0]).toBeLessThan(1.3);
    expect(pauses[5]).toBeGreaterThan(20);
    expect(pauses.at(-1)).toBeGreaterThan(3_500);
    expect(pauses.at(-1)).toBeLessThanOrEqual(4_500);
    // Another one begins with the shortest pause.
    one.calendar.put(one.item('b'));
    one.calendar.undescribable.add('b');
    expect(await one.sync()).toMatchObject({ skipped: 2 });
    expect(await pause()).toBeLessThan(1.3);
  });

  it('is shown as the view tells it, without attendees, while nothing was known of it', async () => {
    one.calendar.put(one.item('a', 1, { attendees: [GUEST] }));
    one.calendar.put(one.item('b', 1, { attendees: [GUEST] }));
    one.calendar.undescribable.add('a');
    await one.sync();
    expect(await one.rows()).toMatchObject([
      { itemId: 'a', subject: 'a', details: 'missing', attendees: [] },
      { itemId: 'b', subject: 'b', details: 'read', attendees: [{ address: GUEST }] },
    ]);
    expect(await one.mailbox('unread_items')).toBe(1);
  });

  it('keeps the details known before, with what the view tells now', async () => {
    one.calendar.put(one.item('a', 1, { attendees: [GUEST] }));
    await one.sync();
    const [before] = await one.rows();
    one.calendar.put(one.item('a', 3, { attendees: [GUEST], subject: 'moved' }));
    one.calendar.undescribable.add('a');
    await one.sync();
    const kept = { itemId: 'a', subject: 'moved', details: 'kept', attendees: [{ address: GUEST }] };
    expect(await one.rows()).toMatchObject([{ ...kept, eventId: before!.eventId }]);
    one.calendar.undescribable.clear();
    await one.later('2 seconds');
    await one.sync();
    expect(await one.rows()).toMatchObject([{ ...kept, details: 'read' }]);
  });

  it('does not lose an event whose details stay unreadable', async () => {
    one.calendar.put(one.item('a'));
    await one.sync();
    one.calendar.undescribable.add('a');
    one.calendar.put(one.item('a', 1, { subject: 'changed' }));
    for (let n = 0; n < 3; n++) {
      await one.sync();
      await one.later('1 hour');
    }
    expect(await one.rows()).toMatchObject([{ itemId: 'a', subject: 'changed' }]);
    one.calendar.remove('a');
    await one.sync();
    expect(await one.rows()).toEqual([]);
  });
});
