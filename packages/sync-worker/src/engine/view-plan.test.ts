import type { CachedOccurrence } from 'calendar-db/sync';
import { describe, expect, it } from 'vitest';
import { type FakeItem, occurrenceOf } from '../testing/fake-calendar.ts';
import type { CalendarEntry } from './calendar-provider.ts';
import { planView } from './view-plan.ts';

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
  return { ...occurrenceOf(held, 'anna@corp.example', 'd'), isAlone: false, gone: false, ...changes };
}

const plan = (
  view: CalendarEntry[],
  held: CachedOccurrence[],
  changed: string[] | null = [],
  notBefore: Date | null = null,
) =>
  planView({
    view: { entries: view },
    cached: held,
    changedItems: changed && new Set(changed),
    notBefore,
  });

describe('planView', () => {
  it('describes what is new, what the view says otherwise of, and what the sync page named', () => {
    const [a, b, c, d] = [item('a'), item('b'), item('c'), item('d')];
    const { describe: wanted, unchanged } = plan(
      [entry(a), entry(b, 'other'), entry(c), entry(d)],
      [cached(b), cached(c), cached(d)],
      ['c'],
    );
    expect(wanted.map(({ itemId }) => itemId)).toEqual(['a', 'b', 'c']);
    expect(unchanged).toEqual([cached(d)]);
  });

  it('describes all occurrences of a series whose master the sync page named', () => {
    const held = cached(item('occurrence'), { seriesId: 'master' });
    expect(plan([entry(item('occurrence'))], [held], ['master']).describe).toHaveLength(1);
  });

  it('goes on with a bootstrap that was cut short: what is cached as the view shows it is not described again', () => {
    const { describe: wanted, unchanged } = plan(
      [entry(item('a')), entry(item('b'), 'other'), entry(item('c'))],
      [cached(item('a')), cached(item('b'))],
      null,
    );
    expect(wanted.map(({ itemId }) => itemId)).toEqual(['b', 'c']);
    expect(unchanged).toEqual([cached(item('a'))]);
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
    expect(unchanged).toHaveLength(1);
    expect(leftOut).toBe(1);
  });
});
