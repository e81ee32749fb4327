import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchFailedError, BatchSize, MOST_EVENTS } from './batch-size.ts';

/** Goes through a row of events as a planner does. @returns what each attempt tried, and which events failed alone */
function goThrough(events: readonly string[], bad: ReadonlySet<string>) {
  const size = new BatchSize();
  const attempts: number[] = [];
  const aside: string[] = [];
  let rest = events;
  while (rest.length > 0) {
    const batch = rest.slice(0, size.most);
    const alone = size.failedAlone(batch[0]);
    if (alone === null) attempts.push(batch.length);
    if (alone === null && batch.some((event) => bad.has(event))) {
      size.failed(new BatchFailedError(batch, new RangeError('bad')));
      continue;
    }
    const passed = alone === null ? batch.length : 1;
    if (alone !== null) aside.push(alone.eventId);
    size.passed(passed);
    rest = rest.slice(passed);
  }
  return { attempts, aside, most: size.most };
}

const events = (count: number) => Array.from({ length: count }, (_, place) => `event ${place}`);

describe('the size of a batch', () => {
  it('is what is given while nothing fails', () => {
    expect(goThrough(events(450), new Set()).attempts).toEqual([MOST_EVENTS, MOST_EVENTS, 50]);
  });

  it('is halved down to the event that fails alone, and no half that is known to hold it is tried whole', () => {
    const { attempts, aside } = goThrough(events(200), new Set(['event 150']));
    expect(aside).toEqual(['event 150']);
    expect(attempts).toEqual([200, 100, 50, 25, 13, 7, 4, 2, 1, 49]);
  });

  it('is the whole again once the event that failed is behind it', () => {
    expect(goThrough(events(8), new Set(['event 7']))).toMatchObject({ aside: ['event 7'], most: MOST_EVENTS });
  });

  it('leaves aside the events that fail and no others, however many there are and wherever they stand', () => {
    const bad = fc.uniqueArray(fc.integer({ min: 0, max: 299 }), { maxLength: 12 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), bad, (count, places) => {
        const failing = new Set(places.map((place) => `event ${place}`));
        const all = events(count);
        expect(goThrough(all, failing).aside).toEqual(all.filter((event) => failing.has(event)));
      }),
    );
  });
});
