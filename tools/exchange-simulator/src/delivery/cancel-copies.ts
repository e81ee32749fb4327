import type { CivilDay } from '../recurrence/civil-day.ts';
import type { CalendarItem, CalendarProperties } from '../store/calendar-item.ts';
import type { Mailbox } from '../store/mailbox.ts';
import { requireOccurrence } from '../store/series.ts';
import { findCopy, orphanIdentity } from './attendee-copy.ts';

const PREFIX = 'Canceled: ';

/** A cancellation is a later state of the meeting: its sequence is one above the organizer's. */
function cancelled(
  subject: string | undefined,
  source: CalendarItem,
  now: number,
): Pick<CalendarProperties, 'isCancelled' | 'subject' | 'freeBusy' | 'sequence' | 'stampedAt'> {
  const text = subject ?? '';
  return {
    isCancelled: true,
    subject: text.startsWith(PREFIX) ? text : PREFIX + text,
    freeBusy: 'Free',
    sequence: source.properties.sequence + 1,
    stampedAt: now,
  };
}

/** Marks an attendee's copy of a whole meeting as cancelled. It stays until its owner removes it. */
export function cancelWhole(target: Mailbox, source: CalendarItem, by: string, now: number): void {
  const copy = findCopy(target, source.globalObjectId);
  if (copy !== undefined) {
    copy.properties = { ...copy.properties, ...cancelled(copy.properties.subject, source, now) };
    for (const exception of copy.exceptions.values()) {
      const { subject } = exception.overrides;
      Object.assign(exception.overrides, cancelled(subject ?? copy.properties.subject, source, now));
      exception.modifiedAt = now;
    }
    target.touch(copy, by);
  }
  for (const day of source.exceptions.keys()) cancelOrphan(target, source, day, by, now);
}

/** Marks one occurrence in an attendee's calendar as cancelled. */
export function cancelOccurrence(target: Mailbox, source: CalendarItem, day: CivilDay, by: string, now: number): void {
  const series = findCopy(target, source.globalObjectId);
  if (series === undefined) {
    cancelOrphan(target, source, day, by, now);
    return;
  }
  if (series.deletedDays.has(day) || series.recurrence === undefined) return;
  const { properties } = requireOccurrence(target, series, day);
  const own = series.exceptions.get(day)?.overrides;
  series.exceptions.set(day, {
    overrides: { start: properties.start, end: properties.end, ...own, ...cancelled(properties.subject, source, now) },
    modifiedAt: now,
  });
  target.touch(series, by);
}

function cancelOrphan(target: Mailbox, source: CalendarItem, day: CivilDay, by: string, now: number): void {
  const orphan = findCopy(target, orphanIdentity(source, day).globalObjectId);
  if (orphan === undefined || orphan.recurrence !== undefined) return;
  orphan.properties = { ...orphan.properties, ...cancelled(orphan.properties.subject, source, now) };
  target.touch(orphan, by);
}
