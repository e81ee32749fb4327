import type { DayOfWeek, Recurrence, RecurrencePattern } from 'calendar-model';
import rrule, { type Options, type Weekday } from 'rrule';

const { RRule } = rrule;
const DAYS: Readonly<Record<DayOfWeek, readonly Weekday[]>> = {
  Monday: [RRule.MO],
  Tuesday: [RRule.TU],
  Wednesday: [RRule.WE],
  Thursday: [RRule.TH],
  Friday: [RRule.FR],
  Saturday: [RRule.SA],
  Sunday: [RRule.SU],
  Day: [RRule.MO, RRule.TU, RRule.WE, RRule.TH, RRule.FR, RRule.SA, RRule.SU],
  Weekday: [RRule.MO, RRule.TU, RRule.WE, RRule.TH, RRule.FR],
  WeekendDay: [RRule.SA, RRule.SU],
};
const POSITION = { First: 1, Second: 2, Third: 3, Fourth: 4, Last: -1 } as const;

/** Whether RFC 5545 and Exchange mean the same by a pattern: the RFC skips a day that a month does not have. */
export function isCommonPattern(pattern: RecurrencePattern): boolean {
  return !('dayOfMonth' in pattern) || pattern.dayOfMonth <= 28;
}

/** The dates of a recurrence by RFC 5545, as the `rrule` library expands it; both ends are inclusive. */
export function rfcDates({ pattern, range }: Recurrence, from: string, to: string): string[] {
  const rule = new RRule({
    ...ruleOf(pattern),
    dtstart: utc(range.startDate),
    ...(range.type === 'endDate' ? { until: utc(range.endDate) } : {}),
    ...(range.type === 'numbered' ? { count: range.occurrences } : {}),
  });
  return rule.between(utc(from), utc(to), true).map((date) => date.toISOString().slice(0, 10));
}

function ruleOf(pattern: RecurrencePattern): Partial<Options> {
  switch (pattern.type) {
    case 'daily':
      return { freq: RRule.DAILY, interval: pattern.interval };
    case 'weekly':
      return {
        freq: RRule.WEEKLY,
        interval: pattern.interval,
        byweekday: pattern.daysOfWeek.flatMap((day) => DAYS[day]),
        wkst: DAYS[pattern.firstDayOfWeek ?? 'Sunday'][0] ?? null,
      };
    case 'absoluteMonthly':
      return { freq: RRule.MONTHLY, interval: pattern.interval, bymonthday: pattern.dayOfMonth };
    case 'relativeMonthly':
      return { freq: RRule.MONTHLY, interval: pattern.interval, ...relativeDay(pattern) };
    case 'absoluteYearly':
      return { freq: RRule.YEARLY, bymonth: pattern.month, bymonthday: pattern.dayOfMonth };
    case 'relativeYearly':
      return { freq: RRule.YEARLY, bymonth: pattern.month, ...relativeDay(pattern) };
  }
}

function relativeDay({ dayOfWeek, index }: { dayOfWeek: DayOfWeek; index: keyof typeof POSITION }): Partial<Options> {
  return { byweekday: [...DAYS[dayOfWeek]], bysetpos: POSITION[index] };
}

function utc(date: string): Date {
  return new Date(`${date}T00:00:00Z`);
}
