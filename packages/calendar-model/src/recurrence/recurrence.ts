/** Days as Exchange names them, the group values of relative patterns included. */
export type DayOfWeek =
  | 'Sunday'
  | 'Monday'
  | 'Tuesday'
  | 'Wednesday'
  | 'Thursday'
  | 'Friday'
  | 'Saturday'
  | 'Day'
  | 'Weekday'
  | 'WeekendDay';

export type DayOfWeekIndex = 'First' | 'Second' | 'Third' | 'Fourth' | 'Last';

/** On which days a series happens; months are 1–12. A day of month past the end of a month means its last day. */
export type RecurrencePattern =
  | { readonly type: 'daily'; readonly interval: number }
  | {
      readonly type: 'weekly';
      readonly interval: number;
      readonly daysOfWeek: readonly DayOfWeek[];
      readonly firstDayOfWeek: DayOfWeek | null;
    }
  | { readonly type: 'absoluteMonthly'; readonly interval: number; readonly dayOfMonth: number }
  | {
      readonly type: 'relativeMonthly';
      readonly interval: number;
      readonly dayOfWeek: DayOfWeek;
      readonly index: DayOfWeekIndex;
    }
  | { readonly type: 'absoluteYearly'; readonly dayOfMonth: number; readonly month: number }
  | {
      readonly type: 'relativeYearly';
      readonly dayOfWeek: DayOfWeek;
      readonly index: DayOfWeekIndex;
      readonly month: number;
    };

/** From when to when a series happens; dates are `YYYY-MM-DD` in the series' zone, the end date is inclusive. */
export type RecurrenceRange =
  | { readonly type: 'noEnd'; readonly startDate: string }
  | { readonly type: 'endDate'; readonly startDate: string; readonly endDate: string }
  | { readonly type: 'numbered'; readonly startDate: string; readonly occurrences: number };

/** The rule of a series: one pattern and one range. */
export interface Recurrence {
  readonly pattern: RecurrencePattern;
  readonly range: RecurrenceRange;
}
