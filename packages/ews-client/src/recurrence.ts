/** Days as Exchange names them, the group values of relative patterns included. */
export type EwsDayOfWeek =
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

export type EwsDayOfWeekIndex = 'First' | 'Second' | 'Third' | 'Fourth' | 'Last';

/** `t:RecurrencePatternTypes`; months are 1–12. A day of month past the end of a month means its last day. */
export type EwsRecurrencePattern =
  | { readonly type: 'daily'; readonly interval: number }
  | {
      readonly type: 'weekly';
      readonly interval: number;
      readonly daysOfWeek: readonly EwsDayOfWeek[];
      readonly firstDayOfWeek: EwsDayOfWeek | null;
    }
  | { readonly type: 'absoluteMonthly'; readonly interval: number; readonly dayOfMonth: number }
  | {
      readonly type: 'relativeMonthly';
      readonly interval: number;
      readonly dayOfWeek: EwsDayOfWeek;
      readonly index: EwsDayOfWeekIndex;
    }
  | { readonly type: 'absoluteYearly'; readonly dayOfMonth: number; readonly month: number }
  | {
      readonly type: 'relativeYearly';
      readonly dayOfWeek: EwsDayOfWeek;
      readonly index: EwsDayOfWeekIndex;
      readonly month: number;
    };

/** `t:RecurrenceRangeTypes`; dates are `YYYY-MM-DD` in the series' zone, the end date is inclusive. */
export type EwsRecurrenceRange =
  | { readonly type: 'noEnd'; readonly startDate: string }
  | { readonly type: 'endDate'; readonly startDate: string; readonly endDate: string }
  | { readonly type: 'numbered'; readonly startDate: string; readonly occurrences: number };

/** The rule of a series: one pattern and one range (`t:RecurrenceType`). */
export interface EwsRecurrence {
  readonly pattern: EwsRecurrencePattern;
  readonly range: EwsRecurrenceRange;
}
