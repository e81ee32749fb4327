import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { duplicateEventId } from 'calendar-model';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CalendarSync } from '../testing/calendar-sync.ts';

let db: TestDatabase;
let one: CalendarSync;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(async () => {
  one = await CalendarSync.start(db);
});

const same = (itemId: string, days: number, given = {}) => one.item(itemId, days, { uid: 'same', ...given });

describe('two meetings with one UID in one mailbox', () => {
  it('are both shown, the first of them under the plain id', async () => {
    one.calendar.put(same('morning', 1));
    one.calendar.put(same('evening', 1.4));
    expect(await one.sync()).toMatchObject({ written: 2, duplicates: 0 });
    const [evening, morning] = await one.rows();
    expect(morning).toMatchObject({ itemId: 'morning', duplicateOf: null });
    expect(evening).toMatchObject({ itemId: 'evening', duplicateOf: morning!.eventId });
    expect(evening!.eventId).toBe(duplicateEventId(morning!.eventId, 'evening'));
  });

  it('leave the plain id to the one that is stored already, whatever comes before it', async () => {
    one.calendar.windowParts = 3;
    one.calendar.put(same('stored', 20));
    await one.sync();
    const [stored] = await one.rows();
    one.calendar.put(same('earlier', -20, { lastModified: new Date(Date.now() + 60_000) }));
    expect(await one.sync()).toMatchObject({ written: 1 });
    one.calendar.put(same('stored', -30));
    await one.sync();
    expect(await one.rows()).toMatchObject([
      { itemId: 'earlier', duplicateOf: stored!.eventId },
      { itemId: 'stored', eventId: stored!.eventId, duplicateOf: null },
    ]);
  });

  it('are one when they are the same meeting', async () => {
    const start = one.item('x').start;
    one.calendar.put(same('a', 1, { start, subject: 'Planning' }));
    one.calendar.put(same('b', 1, { start, subject: 'Planning' }));
    expect(await one.sync()).toMatchObject({ written: 1, duplicates: 1 });
    expect(await one.rows()).toMatchObject([{ duplicateOf: null }]);
    // One of the two was moved: what was changed last is true.
    const lastModified = new Date(Date.now() + 60_000);
    one.calendar.put(same('b', 2, { subject: 'Planning', lastModified }));
    expect(await one.sync()).toMatchObject({ duplicates: 1 });
    expect(await one.rows()).toMatchObject([{ itemId: 'b', duplicateOf: null }]);
  });

  it('are told apart by their times when they have no subject', async () => {
    one.calendar.put(same('a', 1, { subject: '' }));
    one.calendar.put(same('b', 2, { subject: '' }));
    await one.sync();
    expect(await one.itemIds()).toEqual(['a', 'b']);
  });

  it('keep the id of a meeting that comes with another item at another time, when the former item is gone', async () => {
    one.calendar.put(same('before', 2));
    await one.sync();
    const [before] = await one.rows();
    one.calendar.remove('before');
    one.calendar.put(same('after', 1));
    await one.sync();
    expect(await one.rows()).toMatchObject([{ itemId: 'after', eventId: before!.eventId, duplicateOf: null }]);
  });

  it('give the plain id to the other one when the first is deleted', async () => {
    one.calendar.put(same('first', 1));
    one.calendar.put(same('second', 2));
    await one.sync();
    const plain = (await one.rows())[0]!.eventId;
    one.calendar.remove('first');
    await one.sync();
    await one.later('2 seconds');
    await one.sync();
    expect(await one.rows()).toMatchObject([{ itemId: 'second', eventId: plain, duplicateOf: null }]);
  });

  it('stay as they are while the item that has the plain id cannot be read', async () => {
    one.calendar.put(same('first', 1));
    await one.sync();
    one.calendar.unreadable.add('first');
    one.calendar.put(same('second', 2));
    await one.sync();
    expect(await one.itemIds()).toEqual(['first', 'second']);
  });

  it('show what the server shows, once each, whatever is put, changed and removed', async () => {
    const step = fc.record({
      id: fc.integer({ min: 0, max: 3 }),
      remove: fc.boolean(),
      days: fc.integer({ min: -20, max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        one = await CalendarSync.start(db);
        one.calendar.windowParts = 3;
        const day = one.item('x', 0).start.getTime();
        for (const { id, remove, days } of steps) {
          const start = new Date(day + (days + id / 10) * 86_400_000);
          if (!remove) one.calendar.put(same(`${id}`, 0, { start }));
          else if (one.calendar.items.has(`${id}`)) one.calendar.remove(`${id}`);
          await one.sync();
        }
        // A meeting takes over an id that another one has left.
        for (let n = 0; n < 2; n++) {
          await one.later('2 seconds');
          await one.sync();
        }
        const rows = await one.rows();
        expect(rows.map(({ itemId }) => itemId)).toEqual([...one.calendar.items.keys()].sort());
        expect(rows.filter(({ duplicateOf }) => duplicateOf === null)).toHaveLength(Math.min(1, rows.length));
      }),
      { numRuns: 10 },
    );
  });
});
