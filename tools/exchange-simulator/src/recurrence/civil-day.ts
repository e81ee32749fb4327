/** Days are counted from 1970-01-01, so that recurrence is integer arithmetic without any zone. */
export type CivilDay = number;

const MS_PER_DAY = 86_400_000;

export const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** The day of `YYYY-MM-DD`; undefined for a text that names no calendar date. */
export function parseDay(text: string): CivilDay | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (match === null) return undefined;
  const ms = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  return formatDay(ms / MS_PER_DAY) === text ? ms / MS_PER_DAY : undefined;
}

/** `YYYY-MM-DD`. */
export function formatDay(day: CivilDay): string {
  return new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
}

/** 0 = Sunday. */
export function weekdayIndex(day: CivilDay): number {
  return (((day + 4) % 7) + 7) % 7;
}

export function weekdayOf(day: CivilDay): Weekday {
  return WEEKDAYS[weekdayIndex(day)]!;
}

/** Year and month (1-12) of a day. */
export function yearMonthOf(day: CivilDay): { year: number; month: number } {
  const date = new Date(day * MS_PER_DAY);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1 };
}

/** The first day of a month; `month` may run past 12, which carries into the years. */
export function firstOfMonth(year: number, month: number): CivilDay {
  return Date.UTC(year, month - 1, 1) / MS_PER_DAY;
}
