import { optionalText, requiredInteger, requiredText } from './element-fields.ts';
import type {
  EwsDayOfWeek,
  EwsDayOfWeekIndex,
  EwsRecurrence,
  EwsRecurrencePattern,
  EwsRecurrenceRange,
} from './recurrence.ts';
import type { XmlElement } from './xml-element.ts';
import { parseDate, UnreadableFieldError } from './xsd-values.ts';

/**
 * A master's `t:Recurrence`: one pattern, then one range. Null also for a rule that cannot be read: the server expands
 * series, so that an item is never dropped for its rule.
 */
export function readRecurrence(element: XmlElement | undefined): EwsRecurrence | null {
  const [pattern, range] = element?.children ?? [];
  if (pattern === undefined || range === undefined) return null;
  try {
    return { pattern: readPattern(pattern), range: readRange(range) };
  } catch (failure) {
    if (failure instanceof UnreadableFieldError) return null;
    throw failure;
  }
}

function readPattern(element: XmlElement): EwsRecurrencePattern {
  switch (element.name) {
    case 't:DailyRecurrence':
      return { type: 'daily', interval: interval(element) };
    case 't:WeeklyRecurrence':
      return {
        type: 'weekly',
        interval: interval(element),
        daysOfWeek: requiredText(element, 't:DaysOfWeek').split(/\s+/).map(dayOfWeek),
        firstDayOfWeek: optionalDay(element, 't:FirstDayOfWeek'),
      };
    case 't:AbsoluteMonthlyRecurrence':
      return { type: 'absoluteMonthly', interval: interval(element), dayOfMonth: dayOfMonth(element) };
    case 't:RelativeMonthlyRecurrence':
      return { type: 'relativeMonthly', interval: interval(element), ...relativeDay(element) };
    case 't:AbsoluteYearlyRecurrence':
      return { type: 'absoluteYearly', dayOfMonth: dayOfMonth(element), month: month(element) };
    case 't:RelativeYearlyRecurrence':
      return { type: 'relativeYearly', ...relativeDay(element), month: month(element) };
    default:
      throw new UnreadableFieldError(element.name, 'is no known pattern');
  }
}

function readRange(element: XmlElement): EwsRecurrenceRange {
  const startDate = parseDate(requiredText(element, 't:StartDate'), 't:StartDate');
  switch (element.name) {
    case 't:NoEndRecurrence':
      return { type: 'noEnd', startDate };
    case 't:EndDateRecurrence':
      return { type: 'endDate', startDate, endDate: parseDate(requiredText(element, 't:EndDate'), 't:EndDate') };
    case 't:NumberedRecurrence':
      return { type: 'numbered', startDate, occurrences: requiredInteger(element, 't:NumberOfOccurrences') };
    default:
      throw new UnreadableFieldError(element.name, 'is no known range');
  }
}

function relativeDay(element: XmlElement): { dayOfWeek: EwsDayOfWeek; index: EwsDayOfWeekIndex } {
  const index = indexes.find((known) => known === requiredText(element, 't:DayOfWeekIndex'));
  if (index === undefined) throw new UnreadableFieldError('t:DayOfWeekIndex', 'is no known index');
  return { dayOfWeek: dayOfWeek(requiredText(element, 't:DaysOfWeek')), index };
}

function interval(element: XmlElement): number {
  const value = requiredInteger(element, 't:Interval');
  if (value < 1) throw new UnreadableFieldError('t:Interval', 'is not positive');
  return value;
}

function dayOfMonth(element: XmlElement): number {
  const value = requiredInteger(element, 't:DayOfMonth');
  if (value < 1 || value > 31) throw new UnreadableFieldError('t:DayOfMonth', 'is no day of a month');
  return value;
}

function month(element: XmlElement): number {
  const index = months.indexOf(requiredText(element, 't:Month'));
  if (index < 0) throw new UnreadableFieldError('t:Month', 'is no known month');
  return index + 1;
}

function optionalDay(element: XmlElement, name: string): EwsDayOfWeek | null {
  const text = optionalText(element, name);
  return text === null ? null : dayOfWeek(text);
}

function dayOfWeek(text: string): EwsDayOfWeek {
  const day = days.find((known) => known === text);
  if (day === undefined) throw new UnreadableFieldError('t:DaysOfWeek', 'holds no known day');
  return day;
}

const indexes: readonly EwsDayOfWeekIndex[] = ['First', 'Second', 'Third', 'Fourth', 'Last'];
const days: readonly EwsDayOfWeek[] = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Day',
  'Weekday',
  'WeekendDay',
];
const months: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
