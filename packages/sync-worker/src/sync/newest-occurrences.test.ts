import type { CachedOccurrence } from 'calendar-db';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { occurrenceOf } from '../testing/fake-calendar.ts';
import { NewestOccurrences } from './newest-occurrences.ts';

const start = new Date('2026-03-01T10:00:00Z');
const copy = (n: number) =>
  occurrenceOf(
    { itemId: `copy ${n}`, uid: 'same', subject: `${n}`, start, end: start, lastModified: new Date(n) },
    'anna@corp.example',
    'd',
  );
const held = (n: number): CachedOccurrence => ({ ...copy(n), gone: false });

describe('NewestOccurrences', () => {
  it('leaves the copy of an event that was changed last, in whatever order and parts the copies come', () => {
    const copies = [1, 2, 3, 4].map(copy);
    const parted = fc.tuple(fc.shuffledSubarray(copies, { minLength: 1 }), fc.integer({ min: 0, max: 4 }));
    fc.assert(
      fc.property(parted, ([some, at]) => {
        const newest = new NewestOccurrences([]);
        const written = [...newest.take(some.slice(0, at)), ...newest.take(some.slice(at))];
        const last = [...some].sort((a, b) => b.lastModified.getTime() - a.lastModified.getTime())[0];
        expect(written.at(-1)).toEqual(last);
        expect(newest.duplicates).toBe(some.length - 1);
      }),
    );
  });

  it('does not let an older copy take the place of the cached one, time and again', () => {
    const newest = new NewestOccurrences([held(5)]);
    expect(newest.take([copy(4)])).toEqual([]);
    expect(newest.take([copy(6)])).toEqual([copy(6)]);
    expect(newest.has(copy(1).eventId)).toBe(true);
  });
});
