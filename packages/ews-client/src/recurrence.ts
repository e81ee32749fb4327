/** The rule of a series (`t:RecurrenceType`), in the model's words, which are Exchange's. */
export type {
  DayOfWeek as EwsDayOfWeek,
  DayOfWeekIndex as EwsDayOfWeekIndex,
  Recurrence as EwsRecurrence,
  RecurrencePattern as EwsRecurrencePattern,
  RecurrenceRange as EwsRecurrenceRange,
} from 'calendar-model';
