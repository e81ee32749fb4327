import { Temporal } from 'temporal-polyfill';
import { EwsError } from '../ews-error.ts';
import type { Recurrence } from '../recurrence/recurrence.ts';
import type { CalendarProperties } from '../store/calendar-item.ts';
import { firstDay, timetableOf } from '../store/series.ts';
import { instantOfWall, wallOfInstant } from '../time/exchange-zone.ts';

const MAX_DURATION_MS = 5 * 366 * 86_400_000;
const MIDNIGHT = Temporal.PlainTime.from('00:00');

/**
 * Brings the times of an item into the form in which Exchange stores them: all-day items from midnight to midnight of
 * their own zone (start rounded down, end rounded up), series at their first occurrence.
 *
 * @throws EwsError `ErrorCalendarEndDateIsEarlierThanStartDate`, `ErrorCalendarDurationIsTooLong`.
 */
export function settleTimes(properties: CalendarProperties, recurrence: Recurrence | undefined): void {
  if (properties.end < properties.start) {
    throw new EwsError('ErrorCalendarEndDateIsEarlierThanStartDate', 'The end date is earlier than the start date.');
  }
  if (properties.end - properties.start > MAX_DURATION_MS) {
    throw new EwsError('ErrorCalendarDurationIsTooLong', 'The calendar item duration is too long.');
  }
  if (properties.isAllDay) widenToMidnights(properties);
  if (recurrence !== undefined) {
    const { start, end } = timetableOf(properties)(firstDay(recurrence));
    properties.start = start;
    properties.end = end;
  }
}

function widenToMidnights(properties: CalendarProperties): void {
  const zone = properties.startZone;
  const start = wallOfInstant(properties.start, zone).toPlainDate();
  const wallEnd = wallOfInstant(properties.end, zone);
  const endsAtMidnight = wallEnd.toPlainTime().equals(MIDNIGHT);
  let end = endsAtMidnight ? wallEnd.toPlainDate() : wallEnd.toPlainDate().add({ days: 1 });
  if (Temporal.PlainDate.compare(end, start) <= 0) end = start.add({ days: 1 });
  properties.start = instantOfWall(start.toPlainDateTime(), zone);
  properties.end = instantOfWall(end.toPlainDateTime(), zone);
}
