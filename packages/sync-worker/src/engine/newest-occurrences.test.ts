import type { CachedOccurrence } from 'calendar-db/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { occurrenceOf } from '../testing/fake-calendar.ts';
import { NewestOccurrences } from './newest-occurrences.ts';

const start = new Date('2026-03-01T10:00:00Z');
/** Parts of a window that end after the copies' start, and at it. */
const part = { from: new Date('2026-03-01T00:00:00Z'), to: new Date('2026-03-02T00:00:00Z') };
const earlier = { from: new Date('2026-02-28T00:00:00Z'), to: start };
const copy = (n: number) =>
  occurrenceOf(
    { itemId: `copy ${n}`, uid: 'same', subject: 'same', start, end: start, lastModified: new Date(n) },
    'anna@corp.example',
    'd',
  );
const held = (n: number): CachedOccurrence => ({ ...copy(n), isAlone: false, gone: false });

describe('NewestOccurrences', () => {
  it('leaves the copy of an event that was changed last, in whatever order and parts the copies come', () => {
    const copies = [1, 2, 3, 4].map(copy);
    const parted = fc.tuple(
      fc.shuffledSubarray(copies, { minLength: 1 }),
      fc.integer({ min: 0, max: 4 }),
      fc.option(fc.integer({ min: 1, max: 4 })),
    );
    fc.assert(
      fc.property(parted, ([some, at, cached]) => {
        const newest = new NewestOccurrences();
        const rows = cached === null ? [] : [held(cached)];
        const written = [
          ...newest.take(some.slice(0, at), rows, earlier),
          ...newest.take(some.slice(at), rows, earlier),
          ...newest.takeWaiting(),
        ];
        const last = [...some].sort((a, b) => b.lastModified.getTime() - a.lastModified.getTime())[0];
        expect(written.at(-1)).toEqual(last);
        expect(newest.duplicates).toBe(some.length - 1);
      }),
    );
  });

  it('does not let an older copy take the place of the cached one, time and again', () => {
    const newest = new NewestOccurrences();
    newest.keep([held(5)]);
    expect(newest.take([copy(4)], [held(5)], part)).toEqual([]);
    expect(newest.take([copy(6)], [held(5)], part)).toEqual([copy(6)]);
    expect(newest.has(copy(1).eventId)).toBe(true);
  });

  it('lets an older copy wait while a later part may show the cached one, which then wins', () => {
    const newest = new NewestOccurrences();
    expect(newest.take([copy(4)], [held(5)], earlier)).toEqual([]);
    newest.keep([held(5)]);
    expect(newest.takeWaiting()).toEqual([]);
    expect(newest.duplicates).toBe(1);
  });

  it('writes the older copy when no later part showed the cached one', () => {
    const newest = new NewestOccurrences();
    expect(newest.take([copy(4)], [held(5)], earlier)).toEqual([]);
    expect(newest.takeWaiting()).toEqual([copy(4)]);
    expect(newest.has(copy(4).eventId)).toBe(true);
  });

  it('writes at once what the part that held the cached copy shows instead of it', () => {
    const newest = new NewestOccurrences();
    expect(newest.take([copy(4)], [held(5)], part)).toEqual([copy(4)]);
  });

  it('does not count an item that was seen twice as two', () => {
    const newest = new NewestOccurrences();
    newest.take([copy(4)], [], part);
    newest.take([{ ...copy(4), lastModified: new Date(9) }], [], part);
    expect(newest.duplicates).toBe(0);
  });
});
