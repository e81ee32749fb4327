import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseDay, WEEKDAYS, type Weekday } from './civil-day.ts';
import type { Recurrence, RecurrenceRange } from './recurrence.ts';
import { recurrenceDays } from './recurrence-days.ts';

function days(recurrence: Recurrence, until: number): number[] {
  return [...recurrenceDays(recurrence, until)].map(({ day }) => day);
}

function dates(pattern: Recurrence['pattern'], start: string, count: number): string[] {
  const recurrence: Recurrence = { pattern, range: { kind: 'numbered', startDay: parseDay(start)!, count } };
  return days(recurrence, parseDay('2100-01-01')!).map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10));
}

/** Asks every single day whether the series happens, from the wording of the pattern alone. */
function oracle(range: RecurrenceRange, until: number, happens: (day: number) => boolean): number[] {
  const found: number[] = [];
  for (let day = range.startDay; day <= until; day += 1) {
    if (range.kind === 'endDate' && day > range.endDay) break;
    if (range.kind === 'numbered' && found.length === range.count) break;
    if (happens(day)) found.push(day);
  }
  return found;
}

const startDays = fc.integer({ min: parseDay('2019-12-01')!, max: parseDay('2029-01-01')! });
const ranges = startDays.chain((startDay) =>
  fc.oneof(
    fc.constant<RecurrenceRange>({ kind: 'noEnd', startDay }),
    fc
      .integer({ min: 0, max: 700 })
      .map((length): RecurrenceRange => ({ kind: 'endDate', startDay, endDay: startDay + length })),
    fc.integer({ min: 1, max: 99 }).map((count): RecurrenceRange => ({ kind: 'numbered', startDay, count })),
  ),
);

test('a daily series happens on the days that a day-by-day count finds', () => {
  fc.assert(
    fc.property(ranges, fc.integer({ min: 1, max: 40 }), (range, interval) => {
      const until = range.startDay + 800;
      const expected = oracle(range, until, (day) => (day - range.startDay) % interval === 0);
      expect(days({ pattern: { kind: 'daily', interval }, range }, until)).toEqual(expected);
    }),
    { numRuns: 80 },
  );
});

test('a weekly series happens on the days that a day-by-day count finds, whatever day the week begins with', () => {
  const weekdays = fc.uniqueArray(fc.constantFrom<Weekday>(...WEEKDAYS), { minLength: 1, maxLength: 7 });
  fc.assert(
    fc.property(
      ranges,
      fc.integer({ min: 1, max: 6 }),
      weekdays,
      fc.constantFrom<Weekday>(...WEEKDAYS),
      (range, interval, daysOfWeek, firstDayOfWeek) => {
        const until = range.startDay + 800;
        const nameOf = (day: number) => WEEKDAYS[new Date(day * 86_400_000).getUTCDay()]!;
        // Counts week beginnings on the way: a week is due when their number is a multiple of the interval.
        let weeks = 0;
        const expected = oracle(range, until, (day) => {
          if (day > range.startDay && nameOf(day) === firstDayOfWeek) weeks += 1;
          return weeks % interval === 0 && daysOfWeek.includes(nameOf(day));
        });
        expect(days({ pattern: { kind: 'weekly', interval, daysOfWeek, firstDayOfWeek }, range }, until)).toEqual(
          expected,
        );
      },
    ),
    { numRuns: 80 },
  );
});

test('the 31st of a shorter month is its last day', () => {
  expect(dates({ kind: 'absoluteMonthly', interval: 1, dayOfMonth: 31 }, '2026-01-31', 4)).toEqual([
    '2026-01-31',
    '2026-02-28',
    '2026-03-31',
    '2026-04-30',
  ]);
  expect(dates({ kind: 'absoluteYearly', dayOfMonth: 29, month: 2 }, '2027-01-01', 3)).toEqual([
    '2027-02-28',
    '2028-02-29',
    '2029-02-28',
  ]);
});

test('relative patterns count weekdays, working days and weekend days within the month', () => {
  const monthly = (dayChoice: 'Tuesday' | 'Day' | 'Weekday' | 'WeekendDay', dayIndex: 'First' | 'Second' | 'Last') =>
    dates({ kind: 'relativeMonthly', interval: 1, dayChoice, dayIndex }, '2026-05-01', 3);
  expect(monthly('Tuesday', 'Last')).toEqual(['2026-05-26', '2026-06-30', '2026-07-28']);
  expect(monthly('Day', 'Last')).toEqual(['2026-05-31', '2026-06-30', '2026-07-31']);
  expect(monthly('Weekday', 'Last')).toEqual(['2026-05-29', '2026-06-30', '2026-07-31']);
  expect(monthly('WeekendDay', 'Second')).toEqual(['2026-05-03', '2026-06-07', '2026-07-05']);
  expect(dates({ kind: 'relativeYearly', dayChoice: 'Monday', dayIndex: 'First', month: 9 }, '2026-10-01', 2)).toEqual([
    '2027-09-06',
    '2028-09-04',
  ]);
});

test('a start off the pattern begins with the next match, and the number counts from there', () => {
  const pattern = { kind: 'weekly', interval: 1, daysOfWeek: ['Monday'], firstDayOfWeek: 'Sunday' } as const;
  expect(dates(pattern, '2026-09-01', 2)).toEqual(['2026-09-07', '2026-09-14']);
});
