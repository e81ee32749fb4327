import type { CivilDay } from '../recurrence/civil-day.ts';
import type { CalendarItem, CalendarProperties } from '../store/calendar-item.ts';
import type { Mailbox } from '../store/mailbox.ts';
import { requireOccurrence } from '../store/series.ts';
import { findCopy, orphanIdentity } from './attendee-copy.ts';

const PREFIX = 'Canceled: ';

function cancelled(subject: string | undefined): Pick<CalendarProperties, 'isCancelled' | 'subject' | 'freeBusy'> {
  const text = subject ?? '';
  return { isCancelled: true, subject: text.startsWith(PREFIX) ? text : PREFIX + text, freeBusy: 'Free' };
}

/** Marks an attendee's copy of a whole meeting as cancelled. It stays until its owner removes it. */
export function cancelWhole(target: Mailbox, source: CalendarItem, by: string, now: number): void {
  const copy = findCopy(target, source.globalObjectId);
  if (copy !== undefined) {
    copy.properties = { ...copy.properties, ...cancelled(copy.properties.subject) };
    for (const exception of copy.exceptions.values()) {
      const { subject } = exception.overrides;
      Object.assign(exception.overrides, cancelled(subject ?? copy.properties.subject));
      exception.modifiedAt = now;
    }
    target.touch(copy, by);
  }
  for (const day of source.exceptions.keys()) cancelOrphan(target, source, day, by);
}

/** Marks one occurrence in an attendee's calendar as cancelled. */
export function cancelOccurrence(target: Mailbox, source: CalendarItem, day: CivilDay, by: string, now: number): void {
  const series = findCopy(target, source.globalObjectId);
  if (series === undefined) {
    cancelOrphan(target, source, day, by);
    return;
  }
  if (series.deletedDays.has(day) || series.recurrence === undefined) return;
  const { properties } = requireOccurrence(target, series, day);
  const own = series.exceptions.get(day)?.overrides;
  series.exceptions.set(day, {
    overrides: { start: properties.start, end: properties.end, ...own, ...cancelled(properties.subject) },
    modifiedAt: now,
  });
  target.touch(series, by);
}

function cancelOrphan(target: Mailbox, source: CalendarItem, day: CivilDay, by: string): void {
  const orphan = findCopy(target, orphanIdentity(source, day).globalObjectId);
  if (orphan === undefined || orphan.recurrence !== undefined) return;
  orphan.properties = { ...orphan.properties, ...cancelled(orphan.properties.subject) };
  target.touch(orphan, by);
}
