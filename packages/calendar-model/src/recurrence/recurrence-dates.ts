import { Temporal } from 'temporal-polyfill';
import type { DayOfWeek, DayOfWeekIndex, Recurrence, RecurrencePattern } from './recurrence.ts';

type PlainDate = Temporal.PlainDate;

/** ISO numbers of weekdays, Monday 1 to Sunday 7. */
const DAYS: Readonly<Record<DayOfWeek, readonly number[]>> = {
  Monday: [1],
  Tuesday: [2],
  Wednesday: [3],
  Thursday: [4],
  Friday: [5],
  Saturday: [6],
  Sunday: [7],
  Day: [1, 2, 3, 4, 5, 6, 7],
  Weekday: [1, 2, 3, 4, 5],
  WeekendDay: [6, 7],
};

/** Exchange's week where a rule names no first day: the one that its clients had before rules could name it. */
const USUAL_FIRST_DAY = 7;

/**
 * The dates of a series from `from` to `to` (`YYYY-MM-DD`, both inclusive) in order, by Exchange's rules
 * (docs/reference/exchange.md §8.4): a day past the end of a month is its last day, the end date is inclusive, a
 * numbered range counts what was deleted or moved as well, and a start off the pattern is followed by the first date on
 * it.
 */
export function recurrenceDates({ pattern, range }: Recurrence, from: string, to: string): string[] {
  const start = Temporal.PlainDate.from(range.startDate);
  const first = later(start, Temporal.PlainDate.from(from));
  const until = Temporal.PlainDate.from(to);
  const last = range.type === 'endDate' ? earlier(until, Temporal.PlainDate.from(range.endDate)) : until;
  const most = range.type === 'numbered' ? range.occurrences : Number.POSITIVE_INFINITY;
  const dates: string[] = [];
  let counted = 0;
  // Whoever counts has to begin at the beginning.
  for (let period = range.type === 'numbered' ? 0 : periodBefore(pattern, start, first); ; period++) {
    const found = datesOfPeriod(pattern, start, period);
    if (found.begin.since(last).days > 0) return dates;
    for (const date of found.dates) {
      if (Temporal.PlainDate.compare(date, start) < 0) continue;
      if (Temporal.PlainDate.compare(date, last) > 0 || ++counted > most) return dates;
      if (Temporal.PlainDate.compare(date, first) >= 0) dates.push(date.toString());
    }
  }
}

/** A day, week, month or year of the pattern: those between are skipped by its interval. */
interface Period {
  readonly begin: PlainDate;
  /** In order. */
  readonly dates: readonly PlainDate[];
}

function datesOfPeriod(pattern: RecurrencePattern, start: PlainDate, period: number): Period {
  switch (pattern.type) {
    case 'daily': {
      const date = start.add({ days: period * pattern.interval });
      return { begin: date, dates: [date] };
    }
    case 'weekly': {
      const firstDay = pattern.firstDayOfWeek === null ? USUAL_FIRST_DAY : (DAYS[pattern.firstDayOfWeek][0] ?? 7);
      const begin = weekOf(start, firstDay).add({ weeks: period * pattern.interval });
      const offsets = new Set(pattern.daysOfWeek.flatMap((day) => DAYS[day]).map((day) => (day - firstDay + 7) % 7));
      return { begin, dates: [...offsets].sort((a, b) => a - b).map((days) => begin.add({ days })) };
    }
    case 'absoluteMonthly':
    case 'relativeMonthly': {
      const begin = start.with({ day: 1 }).add({ months: period * pattern.interval });
      return { begin, dates: [dateInMonth(pattern, begin)] };
    }
    case 'absoluteYearly':
    case 'relativeYearly': {
      const begin = start.with({ day: 1, month: pattern.month }).add({ years: period });
      return { begin, dates: [dateInMonth(pattern, begin)] };
    }
  }
}

function dateInMonth(
  pattern: { readonly dayOfMonth: number } | { readonly dayOfWeek: DayOfWeek; readonly index: DayOfWeekIndex },
  month: PlainDate,
): PlainDate {
  // `with` takes the last day of the month for one that it does not have.
  return 'dayOfMonth' in pattern ? month.with({ day: pattern.dayOfMonth }) : nthDay(month, pattern);
}

function nthDay(
  month: PlainDate,
  { dayOfWeek, index }: { readonly dayOfWeek: DayOfWeek; readonly index: DayOfWeekIndex },
): PlainDate {
  const wanted = DAYS[dayOfWeek];
  const backward = index === 'Last';
  let left = backward ? 1 : ['First', 'Second', 'Third', 'Fourth'].indexOf(index) + 1;
  let date = backward ? month.with({ day: 31 }) : month;
  for (;;) {
    if (wanted.includes(date.dayOfWeek) && --left === 0) return date;
    date = date.add({ days: backward ? -1 : 1 });
  }
}

/** A period that begins early enough to hold every date from `date` on; the first one is 0. */
function periodBefore(pattern: RecurrencePattern, start: PlainDate, date: PlainDate): number {
  const passed = start.until(date, { largestUnit: unitOf(pattern) });
  const units = { daily: passed.days, weekly: passed.days / 7, monthly: passed.months, yearly: passed.years };
  const interval = 'interval' in pattern ? pattern.interval : 1;
  return Math.max(0, Math.floor(units[lengthOf(pattern)] / interval) - 1);
}

function lengthOf({ type }: RecurrencePattern): 'daily' | 'weekly' | 'monthly' | 'yearly' {
  if (type === 'daily' || type === 'weekly') return type;
  return type === 'absoluteMonthly' || type === 'relativeMonthly' ? 'monthly' : 'yearly';
}

function unitOf(pattern: RecurrencePattern): 'days' | 'months' | 'years' {
  return ({ daily: 'days', weekly: 'days', monthly: 'months', yearly: 'years' } as const)[lengthOf(pattern)];
}

function weekOf(date: PlainDate, firstDay: number): PlainDate {
  return date.subtract({ days: (date.dayOfWeek - firstDay + 7) % 7 });
}

function later(a: PlainDate, b: PlainDate): PlainDate {
  return Temporal.PlainDate.compare(a, b) < 0 ? b : a;
}

function earlier(a: PlainDate, b: PlainDate): PlainDate {
  return Temporal.PlainDate.compare(a, b) < 0 ? a : b;
}
