import { Temporal } from 'temporal-polyfill';
import { EwsError } from '../ews-error.ts';
import { type CivilDay, formatDay } from '../recurrence/civil-day.ts';
import type { Recurrence } from '../recurrence/recurrence.ts';
import { type RecurrenceDay, recurrenceDays } from '../recurrence/recurrence-days.ts';
import { instantOfWall, wallOfInstant } from '../time/exchange-zone.ts';
import type { CalendarItem, CalendarProperties } from './calendar-item.ts';
import type { ItemView } from './item-view.ts';
import type { Mailbox } from './mailbox.ts';

const MS_PER_DAY = 86_400_000;
/** Calendars reach no further than this; Exchange itself ends on 4500-08-31. */
const LAST_DAY: CivilDay = Math.floor(Date.UTC(4500, 7, 31) / MS_PER_DAY);

type MasterTimes = Pick<CalendarProperties, 'start' | 'end' | 'startZone' | 'endZone' | 'isAllDay'>;

/** Start and end of an occurrence (unix ms). */
interface OccurrenceTimes {
  readonly start: number;
  readonly end: number;
}

/** The rule by which the occurrences of a series get their times, worked out once for many days. */
export type Timetable = (day: CivilDay) => OccurrenceTimes;

/**
 * The timetable of a series: the master's wall time on each day. All-day occurrences last whole days of the wall clock
 * (23, 24 or 25 hours each), others as long as the master does.
 */
export function timetableOf(master: MasterTimes): Timetable {
  const wallStart = wallOfInstant(master.start, master.startZone);
  const time = wallStart.toPlainTime();
  const wallDays = wallStart.toPlainDate().until(wallOfInstant(master.end, master.startZone).toPlainDate()).days;
  return (day) => {
    const date = Temporal.PlainDate.from(formatDay(day));
    const start = instantOfWall(date.toPlainDateTime(time), master.startZone);
    if (!master.isAllDay) return { start, end: start + (master.end - master.start) };
    return { start, end: instantOfWall(date.add({ days: wallDays }).toPlainDateTime(), master.startZone) };
  };
}

/** The original day of the series that an instant falls on, in the series' zone. */
export function dayOfInstant(master: MasterTimes, instant: number): CivilDay {
  const date = wallOfInstant(instant, master.startZone).toPlainDate();
  return Date.UTC(date.year, date.month - 1, date.day) / MS_PER_DAY;
}

/** The view of one occurrence, deleted or not; `day` must be a day of the pattern. */
export function viewOfDay(
  mailbox: Mailbox,
  item: CalendarItem,
  day: CivilDay,
  timetable: Timetable = timetableOf(item.properties),
): ItemView {
  const { start, end } = timetable(day);
  const exception = item.exceptions.get(day);
  return {
    mailbox,
    item,
    kind: exception === undefined ? 'Occurrence' : 'Exception',
    properties: { ...item.properties, start, end, ...exception?.overrides },
    occurrence: { day, originalStart: start },
    modifiedAt: exception?.modifiedAt ?? item.modifiedAt,
  };
}

/**
 * The occurrence of a series on one original day.
 *
 * @throws EwsError `ErrorItemNotFound` when the series has none that day or it was deleted.
 */
export function requireOccurrence(mailbox: Mailbox, item: CalendarItem, day: CivilDay): ItemView {
  if (item.recurrence === undefined || !happensOn(item.recurrence, day) || item.deletedDays.has(day)) {
    throw new EwsError('ErrorItemNotFound', 'The specified object was not found in the store.');
  }
  return viewOfDay(mailbox, item, day);
}

function happensOn(recurrence: Recurrence, day: CivilDay): boolean {
  for (const candidate of recurrenceDays(recurrence, day)) {
    if (candidate.day === day) return true;
  }
  return false;
}

/**
 * The occurrence with an `InstanceIndex`, counted from 1 with deleted ones.
 *
 * @throws EwsError `ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange`, `ErrorCalendarOccurrenceIsDeletedFromRecurrence`.
 */
export function occurrenceByIndex(mailbox: Mailbox, item: CalendarItem, index: number): ItemView {
  const found = item.recurrence === undefined ? undefined : dayByIndex(item.recurrence, index);
  if (found === undefined) {
    throw new EwsError(
      'ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange',
      'Occurrence index is out of recurrence range.',
    );
  }
  if (item.deletedDays.has(found.day)) {
    throw new EwsError(
      'ErrorCalendarOccurrenceIsDeletedFromRecurrence',
      'Occurrence with this index was previously deleted from the recurrence.',
    );
  }
  return viewOfDay(mailbox, item, found.day);
}

function dayByIndex(recurrence: Recurrence, index: number): RecurrenceDay | undefined {
  for (const candidate of recurrenceDays(recurrence, LAST_DAY)) {
    if (candidate.index === index) return candidate;
  }
  return undefined;
}

/** The first day of a series' pattern. A stored recurrence always has one. */
export function firstDay(recurrence: Recurrence): CivilDay {
  for (const { day } of recurrenceDays(recurrence, LAST_DAY)) return day;
  throw new EwsError('ErrorRecurrenceHasNoOccurrence', 'The recurrence pattern has no occurrence in its range.');
}

/** The days of a series that still happen, in order. An endless series goes on to `untilDay`. */
export function* livingDays(item: CalendarItem, untilDay: CivilDay = LAST_DAY): Generator<CivilDay> {
  if (item.recurrence === undefined) return;
  for (const { day } of recurrenceDays(item.recurrence, untilDay)) {
    if (!item.deletedDays.has(day)) yield day;
  }
}

/**
 * The occurrences that overlap a window by Exchange's rule: `end >= from` and `start < to` (docs/reference/exchange.md
 * §4.2). An exception counts by where it was moved to.
 */
export function* occurrencesInWindow(
  mailbox: Mailbox,
  item: CalendarItem,
  from: number,
  to: number,
): Generator<ItemView> {
  if (item.recurrence === undefined) return;
  const { start, end } = item.properties;
  const slack = Math.ceil((end - start) / MS_PER_DAY) + 2;
  const fromDay = Math.floor(from / MS_PER_DAY) - slack;
  const toDay = Math.ceil(to / MS_PER_DAY) + 2;
  const timetable = timetableOf(item.properties);
  for (const { day } of recurrenceDays(item.recurrence, Math.min(toDay, LAST_DAY))) {
    if (day < fromDay || item.deletedDays.has(day) || item.exceptions.has(day)) continue;
    const view = viewOfDay(mailbox, item, day, timetable);
    if (overlaps(view, from, to)) yield view;
  }
  for (const day of item.exceptions.keys()) {
    const view = viewOfDay(mailbox, item, day, timetable);
    if (overlaps(view, from, to)) yield view;
  }
}

/** Exchange's overlap rule, which also returns what ends exactly where the window starts. */
export function overlaps(view: ItemView, from: number, to: number): boolean {
  return view.properties.end >= from && view.properties.start < to;
}
