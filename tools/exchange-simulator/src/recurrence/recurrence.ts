import type { CivilDay, Weekday } from './civil-day.ts';

/** A day value of relative patterns: one weekday, any day, Monday to Friday, or Saturday and Sunday. */
export type DayChoice = Weekday | 'Day' | 'Weekday' | 'WeekendDay';

export const DAY_INDEXES = ['First', 'Second', 'Third', 'Fourth', 'Last'] as const;
export type DayIndex = (typeof DAY_INDEXES)[number];

export const MONTHS = [
  'January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December',
] as const; // biome-ignore format: a list

/** On which days a series happens. Months are 1-12. */
export type RecurrencePattern =
  | { readonly kind: 'daily'; readonly interval: number }
  | {
      readonly kind: 'weekly';
      readonly interval: number;
      readonly daysOfWeek: readonly Weekday[];
      readonly firstDayOfWeek: Weekday;
    }
  | { readonly kind: 'absoluteMonthly'; readonly interval: number; readonly dayOfMonth: number }
  | {
      readonly kind: 'relativeMonthly';
      readonly interval: number;
      readonly dayChoice: DayChoice;
      readonly dayIndex: DayIndex;
    }
  | { readonly kind: 'absoluteYearly'; readonly dayOfMonth: number; readonly month: number }
  | {
      readonly kind: 'relativeYearly';
      readonly dayChoice: DayChoice;
      readonly dayIndex: DayIndex;
      readonly month: number;
    };

/** From when to when a series happens; the end date is inclusive, the number counts deleted and moved occurrences too. */
export type RecurrenceRange =
  | { readonly kind: 'noEnd'; readonly startDay: CivilDay }
  | { readonly kind: 'endDate'; readonly startDay: CivilDay; readonly endDay: CivilDay }
  | { readonly kind: 'numbered'; readonly startDay: CivilDay; readonly count: number };

export interface Recurrence {
  readonly pattern: RecurrencePattern;
  readonly range: RecurrenceRange;
}
