import type { CachedOccurrence } from 'calendar-db';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CalendarEntry } from '../provider/calendar-provider.ts';
import { type FakeItem, occurrenceOf } from '../testing/fake-calendar.ts';
import { planView, resultOfView } from './view-plan.ts';

const window = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2026-06-01T00:00:00Z') };
const EPOCH = new Date(0);

function item(itemId: string, changes: Partial<FakeItem> = {}): FakeItem {
  const start = new Date('2026-03-01T10:00:00Z');
  const end = new Date('2026-03-01T11:00:00Z');
  return { itemId, uid: `uid of ${itemId}`, subject: 'x', start, end, lastModified: EPOCH, ...changes };
}

function entry({ itemId, start, end, lastModified }: FakeItem, digest = 'd'): CalendarEntry {
  return { itemId, start, end, lastModified, digest };
}

function cached(held: FakeItem, changes: Partial<CachedOccurrence> = {}): CachedOccurrence {
  const { eventId, itemId, start, end } = occurrenceOf(held, 'anna@corp.example', 'd');
  return { eventId, itemId, seriesId: null, viewDigest: 'd', start, end, gone: false, ...changes };
}

const plan = (view: CalendarEntry[], held: CachedOccurrence[], changed: string[] = [], notBefore: Date | null = null) =>
  planView({ view: { entries: view, unreadable: [] }, cached: held, changedItems: new Set(changed), notBefore });

describe('planView', () => {
  it('describes what is new, what the view says otherwise of, and what the sync page named', () => {
    const [a, b, c, d] = [item('a'), item('b'), item('c'), item('d')];
    const { describe: wanted, unchanged } = plan(
      [entry(a), entry(b, 'other'), entry(c), entry(d)],
      [cached(b), cached(c), cached(d)],
      ['c'],
    );
    expect(wanted.map(({ itemId }) => itemId)).toEqual(['a', 'b', 'c']);
    expect(unchanged).toEqual(new Set([cached(d).eventId]));
  });

  it('describes all occurrences of a series whose master the sync page named', () => {
    const held = cached(item('occurrence'), { seriesId: 'master' });
    expect(plan([entry(item('occurrence'))], [held], ['master']).describe).toHaveLength(1);
  });

  it('describes an item again whose event had become a tombstone', () => {
    expect(plan([entry(item('a'))], [cached(item('a'), { gone: true })]).describe).toHaveLength(1);
  });

  it('without autoSync leaves out what is older than the first contact, but keeps what is cached already', () => {
    const contact = new Date('2026-02-01T00:00:00Z');
    const young = item('young', { lastModified: contact });
    const {
      describe: wanted,
      unchanged,
      leftOut,
    } = plan([entry(item('old')), entry(item('held')), entry(young)], [cached(item('held'))], [], contact);
    expect(wanted.map(({ itemId }) => itemId)).toEqual(['young']);
    expect(unchanged.size).toBe(1);
    expect(leftOut).toBe(1);
  });
});

describe('resultOfView', () => {
  const result = (
    entries: CalendarEntry[],
    held: CachedOccurrence[],
    doubts: { unreadable?: (string | null)[]; skipped?: string[] } = {},
  ) => {
    const view = { entries, unreadable: doubts.unreadable ?? [] };
    const planned = planView({ view, cached: held, changedItems: new Set<string>(), notBefore: null });
    const described = { occurrences: [], skipped: doubts.skipped ?? [] };
    return resultOfView({ window, view, cached: held, plan: planned, described });
  };

  it('lets go only what a complete view of the window no longer shows', () => {
    const outside = cached(item('outside', { start: EPOCH, end: EPOCH }));
    const { gone } = result([entry(item('stays'))], [cached(item('stays')), cached(item('goes')), outside]);
    expect(gone).toEqual([cached(item('goes')).eventId]);
  });

  it('does not bury a tombstone twice', () => {
    expect(result([], [cached(item('a'), { gone: true })]).gone).toEqual([]);
  });

  it('keeps the event of an item that came unreadable or could not be described', () => {
    const held = [cached(item('a')), cached(item('b'))];
    expect(result([], held, { unreadable: ['a'], skipped: ['b'] }).gone).toEqual([]);
  });

  it('keeps everything when an item came unreadable without telling which', () => {
    expect(result([], [cached(item('a'))], { unreadable: [null] }).gone).toEqual([]);
  });

  it('reduces a series that was imported twice to the copy changed last, whatever the order', () => {
    const copies = [1, 2, 3].map((n) =>
      occurrenceOf(item(`copy ${n}`, { uid: 'same', lastModified: new Date(n) }), 'anna@corp.example', 'd'),
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(copies, { minLength: 1 }), (some) => {
        const view = { entries: [], unreadable: [] };
        const planned = planView({ view, cached: [], changedItems: new Set<string>(), notBefore: null });
        const { occurrences, duplicates } = resultOfView({
          window,
          view,
          cached: [],
          plan: planned,
          described: { occurrences: some, skipped: [] },
        });
        const newest = [...some].sort((a, b) => b.lastModified.getTime() - a.lastModified.getTime())[0];
        expect(occurrences).toEqual([newest]);
        expect(duplicates).toBe(some.length - 1);
      }),
    );
  });
});
