import {
  type CivilDay,
  firstOfMonth,
  WEEKDAYS,
  type Weekday,
  weekdayIndex,
  weekdayOf,
  yearMonthOf,
} from './civil-day.ts';
import type { DayChoice, DayIndex, Recurrence, RecurrencePattern } from './recurrence.ts';

/** One day of a series. `index` is Exchange's `InstanceIndex`: from 1, deleted occurrences counted. */
export interface RecurrenceDay {
  readonly day: CivilDay;
  readonly index: number;
}

/**
 * The days of a series in order, up to and including `untilDay` (which bounds endless series).
 */
export function* recurrenceDays(recurrence: Recurrence, untilDay: CivilDay): Generator<RecurrenceDay> {
  const { range } = recurrence;
  const lastDay = range.kind === 'endDate' ? Math.min(range.endDay, untilDay) : untilDay;
  const maximum = range.kind === 'numbered' ? range.count : Number.POSITIVE_INFINITY;
  let index = 0;
  for (const day of patternDays(recurrence.pattern, range.startDay, lastDay)) {
    if (day < range.startDay) continue;
    if (day > lastDay || index >= maximum) return;
    index += 1;
    yield { day, index };
  }
}

function patternDays(pattern: RecurrencePattern, startDay: CivilDay, lastDay: CivilDay): Generator<CivilDay> {
  switch (pattern.kind) {
    case 'daily':
      return dailyDays(startDay, pattern.interval, lastDay);
    case 'weekly':
      return weeklyDays(startDay, pattern.interval, pattern.daysOfWeek, pattern.firstDayOfWeek, lastDay);
    case 'absoluteMonthly':
      return monthlyDays(startDay, pattern.interval, lastDay, (year, month) =>
        dayOfMonth(year, month, pattern.dayOfMonth),
      );
    case 'relativeMonthly':
      return monthlyDays(startDay, pattern.interval, lastDay, (year, month) =>
        relativeDay(year, month, pattern.dayChoice, pattern.dayIndex),
      );
    case 'absoluteYearly':
      return yearlyDays(startDay, pattern.month, lastDay, (year, month) => dayOfMonth(year, month, pattern.dayOfMonth));
    case 'relativeYearly':
      return yearlyDays(startDay, pattern.month, lastDay, (year, month) =>
        relativeDay(year, month, pattern.dayChoice, pattern.dayIndex),
      );
  }
}

function* dailyDays(startDay: CivilDay, interval: number, lastDay: CivilDay): Generator<CivilDay> {
  for (let day = startDay; day <= lastDay; day += interval) yield day;
}

/** Weeks are counted from the one that holds the start, and begin with `firstDayOfWeek`. */
function* weeklyDays(
  startDay: CivilDay,
  interval: number,
  daysOfWeek: readonly Weekday[],
  firstDayOfWeek: Weekday,
  lastDay: CivilDay,
): Generator<CivilDay> {
  const first = WEEKDAYS.indexOf(firstDayOfWeek);
  const offsets = daysOfWeek.map((weekday) => (WEEKDAYS.indexOf(weekday) - first + 7) % 7).sort((a, b) => a - b);
  const weekStart = startDay - ((weekdayIndex(startDay) - first + 7) % 7);
  for (let week = weekStart; week <= lastDay; week += 7 * interval) {
    for (const offset of offsets) yield week + offset;
  }
}

function* monthlyDays(
  startDay: CivilDay,
  interval: number,
  lastDay: CivilDay,
  dayIn: (year: number, month: number) => CivilDay,
): Generator<CivilDay> {
  const start = yearMonthOf(startDay);
  for (let months = 0; ; months += interval) {
    const { year, month } = yearMonthOf(firstOfMonth(start.year, start.month + months));
    if (firstOfMonth(year, month) > lastDay) return;
    yield dayIn(year, month);
  }
}

function* yearlyDays(
  startDay: CivilDay,
  month: number,
  lastDay: CivilDay,
  dayIn: (year: number, month: number) => CivilDay,
): Generator<CivilDay> {
  for (let year = yearMonthOf(startDay).year; firstOfMonth(year, month) <= lastDay; year += 1) yield dayIn(year, month);
}

/** Day 29 to 31 of a shorter month is its last day (docs/reference/exchange.md §8.4), unlike RFC 5545. */
function dayOfMonth(year: number, month: number, day: number): CivilDay {
  return Math.min(firstOfMonth(year, month) + day - 1, firstOfMonth(year, month + 1) - 1);
}

function relativeDay(year: number, month: number, choice: DayChoice, index: DayIndex): CivilDay {
  const matching: CivilDay[] = [];
  for (let day = firstOfMonth(year, month); day < firstOfMonth(year, month + 1); day += 1) {
    if (matchesChoice(day, choice)) matching.push(day);
  }
  const position = { First: 0, Second: 1, Third: 2, Fourth: 3, Last: matching.length - 1 }[index];
  return matching[position]!;
}

function matchesChoice(day: CivilDay, choice: DayChoice): boolean {
  const weekend = weekdayIndex(day) === 0 || weekdayIndex(day) === 6;
  if (choice === 'Day') return true;
  if (choice === 'Weekday') return !weekend;
  if (choice === 'WeekendDay') return weekend;
  return weekdayOf(day) === choice;
}
