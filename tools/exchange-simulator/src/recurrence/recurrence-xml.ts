import { EwsError, violationAt } from '../ews-error.ts';
import { checkSequence, enumText, integerText, requiredChild } from '../soap/check-sequence.ts';
import { child, type XmlElement } from '../soap/xml-element.ts';
import { t, type XmlNode } from '../soap/xml-node.ts';
import { type CivilDay, formatDay, parseDay, WEEKDAYS, type Weekday } from './civil-day.ts';
import {
  DAY_INDEXES,
  type DayChoice,
  MONTHS,
  type Recurrence,
  type RecurrencePattern,
  type RecurrenceRange,
} from './recurrence.ts';
import { recurrenceDays } from './recurrence-days.ts';

const DAY_CHOICES: readonly DayChoice[] = [...WEEKDAYS, 'Day', 'Weekday', 'WeekendDay'];

/**
 * Reads `t:Recurrence`: one pattern, then one range.
 *
 * @throws EwsError `ErrorSchemaValidation` for a malformed one, `ErrorRecurrenceHasNoOccurrence` when no day fits.
 */
export function readRecurrence(element: XmlElement): Recurrence {
  const [pattern, range, ...rest] = element.children;
  if (pattern === undefined || range === undefined || rest.length > 0) {
    throw violationAt(element, "The element 'Recurrence' must hold one pattern and one range.");
  }
  const recurrence = { pattern: readPattern(pattern), range: readRange(range) };
  const horizon = recurrence.range.startDay + 366 * 100;
  if (recurrenceDays(recurrence, horizon).next().done === true) {
    throw new EwsError('ErrorRecurrenceHasNoOccurrence', 'The recurrence pattern has no occurrence in its range.');
  }
  return recurrence;
}

function readPattern(element: XmlElement): RecurrencePattern {
  const number = (name: string, minimum: number, maximum: number) => {
    const field = requiredChild(element, name);
    return integerText(field, field.text, minimum, maximum);
  };
  const one = <T extends string>(name: string, values: readonly T[]) => enumText(requiredChild(element, name), values);
  switch (element.name) {
    case 'DailyRecurrence':
      checkSequence(element, ['Interval']);
      return { kind: 'daily', interval: number('Interval', 1, 999) };
    case 'WeeklyRecurrence':
      return readWeekly(element, number('Interval', 1, 99));
    case 'AbsoluteMonthlyRecurrence':
      checkSequence(element, ['Interval', 'DayOfMonth']);
      return { kind: 'absoluteMonthly', interval: number('Interval', 1, 99), dayOfMonth: number('DayOfMonth', 1, 31) };
    case 'RelativeMonthlyRecurrence':
      checkSequence(element, ['Interval', 'DaysOfWeek', 'DayOfWeekIndex']);
      return {
        kind: 'relativeMonthly',
        interval: number('Interval', 1, 99),
        dayChoice: one('DaysOfWeek', DAY_CHOICES),
        dayIndex: one('DayOfWeekIndex', DAY_INDEXES),
      };
    case 'AbsoluteYearlyRecurrence':
      checkSequence(element, ['DayOfMonth', 'Month']);
      return {
        kind: 'absoluteYearly',
        dayOfMonth: number('DayOfMonth', 1, 31),
        month: MONTHS.indexOf(one('Month', MONTHS)) + 1,
      };
    case 'RelativeYearlyRecurrence':
      checkSequence(element, ['DaysOfWeek', 'DayOfWeekIndex', 'Month']);
      return {
        kind: 'relativeYearly',
        dayChoice: one('DaysOfWeek', DAY_CHOICES),
        dayIndex: one('DayOfWeekIndex', DAY_INDEXES),
        month: MONTHS.indexOf(one('Month', MONTHS)) + 1,
      };
    default:
      throw violationAt(element, `The element 'Recurrence' has invalid child element '${element.name}'.`);
  }
}

function readWeekly(element: XmlElement, interval: number): RecurrencePattern {
  checkSequence(element, ['Interval', 'DaysOfWeek', 'FirstDayOfWeek']);
  const days = requiredChild(element, 'DaysOfWeek');
  const named = days.text
    .trim()
    .split(/\s+/)
    .map((text) => enumText(days, DAY_CHOICES, text));
  const daysOfWeek = [...new Set(named.flatMap(weekdaysOfChoice))].sort(
    (a, b) => WEEKDAYS.indexOf(a) - WEEKDAYS.indexOf(b),
  );
  const first = child(element, 'FirstDayOfWeek');
  return {
    kind: 'weekly',
    interval,
    daysOfWeek,
    firstDayOfWeek: first === undefined ? 'Sunday' : enumText(first, WEEKDAYS),
  };
}

function weekdaysOfChoice(choice: DayChoice): Weekday[] {
  return WEEKDAYS.filter((weekday) => {
    const weekend = weekday === 'Saturday' || weekday === 'Sunday';
    return (
      choice === 'Day' ||
      choice === weekday ||
      (choice === 'Weekday' && !weekend) ||
      (choice === 'WeekendDay' && weekend)
    );
  });
}

function readRange(element: XmlElement): RecurrenceRange {
  const startDay = readDay(requiredChild(element, 'StartDate'));
  switch (element.name) {
    case 'NoEndRecurrence':
      checkSequence(element, ['StartDate']);
      return { kind: 'noEnd', startDay };
    case 'EndDateRecurrence': {
      checkSequence(element, ['StartDate', 'EndDate']);
      const endDay = readDay(requiredChild(element, 'EndDate'));
      if (endDay < startDay)
        throw new EwsError('ErrorRecurrenceEndDateTooBig', 'The end date of the recurrence is before its start date.');
      return { kind: 'endDate', startDay, endDay };
    }
    case 'NumberedRecurrence': {
      checkSequence(element, ['StartDate', 'NumberOfOccurrences']);
      const count = requiredChild(element, 'NumberOfOccurrences');
      return { kind: 'numbered', startDay, count: integerText(count, count.text, 1, 999) };
    }
    default:
      throw violationAt(element, `The element 'Recurrence' has invalid child element '${element.name}'.`);
  }
}

/** An xs:date, whose zone suffix says nothing that a wall-clock date could use. */
function readDay(element: XmlElement): CivilDay {
  const text = element.text.trim();
  const day = parseDay(text.slice(0, 10));
  if (day === undefined || !/^.{10}(Z|[+-]\d\d:\d\d)?$/.test(text)) {
    throw violationAt(element, `The '${element.name}' value '${text}' is invalid according to its datatype 'date'.`);
  }
  return day;
}

/** Writes `t:Recurrence`; `dateSuffix` is the zone suffix that Exchange appends to dates (`Z`, `+02:00`). */
export function writeRecurrence(recurrence: Recurrence, dateSuffix: string): XmlNode {
  return t('Recurrence', [writePattern(recurrence.pattern), writeRange(recurrence.range, dateSuffix)]);
}

function writePattern(pattern: RecurrencePattern): XmlNode {
  switch (pattern.kind) {
    case 'daily':
      return t('DailyRecurrence', t('Interval', String(pattern.interval)));
    case 'weekly':
      return t('WeeklyRecurrence', [
        t('Interval', String(pattern.interval)),
        t('DaysOfWeek', pattern.daysOfWeek.join(' ')),
        t('FirstDayOfWeek', pattern.firstDayOfWeek),
      ]);
    case 'absoluteMonthly':
      return t('AbsoluteMonthlyRecurrence', [
        t('Interval', String(pattern.interval)),
        t('DayOfMonth', String(pattern.dayOfMonth)),
      ]);
    case 'relativeMonthly':
      return t('RelativeMonthlyRecurrence', [
        t('Interval', String(pattern.interval)),
        t('DaysOfWeek', pattern.dayChoice),
        t('DayOfWeekIndex', pattern.dayIndex),
      ]);
    case 'absoluteYearly':
      return t('AbsoluteYearlyRecurrence', [
        t('DayOfMonth', String(pattern.dayOfMonth)),
        t('Month', MONTHS[pattern.month - 1]!),
      ]);
    case 'relativeYearly':
      return t('RelativeYearlyRecurrence', [
        t('DaysOfWeek', pattern.dayChoice),
        t('DayOfWeekIndex', pattern.dayIndex),
        t('Month', MONTHS[pattern.month - 1]!),
      ]);
  }
}

function writeRange(range: RecurrenceRange, dateSuffix: string): XmlNode {
  const start = t('StartDate', formatDay(range.startDay) + dateSuffix);
  switch (range.kind) {
    case 'noEnd':
      return t('NoEndRecurrence', start);
    case 'endDate':
      return t('EndDateRecurrence', [start, t('EndDate', formatDay(range.endDay) + dateSuffix)]);
    case 'numbered':
      return t('NumberedRecurrence', [start, t('NumberOfOccurrences', String(range.count))]);
  }
}
