import { cleanGlobalObjectId, globalObjectIdOfOccurrence, uidOfGlobalObjectId } from '../ids.ts';
import type { CivilDay } from '../recurrence/civil-day.ts';
import type { Attendee, CalendarItem, CalendarProperties, SeriesException } from '../store/calendar-item.ts';
import type { ItemView } from '../store/item-view.ts';
import type { Mailbox } from '../store/mailbox.ts';

/** Values that belong to the owner of a calendar and so survive the organizer's updates. */
const OWN_KEYS = ['reminderIsSet', 'reminderMinutes', 'categories', 'isReceived', 'extended'] as const;
const ANSWER_KEYS = ['myResponse', 'repliedAt', 'freeBusy'] as const;
const LIST_KEYS = ['requiredAttendees', 'optionalAttendees', 'resources'] as const;

type Overrides = SeriesException['overrides'];

/**
 * The attendee's copy of a meeting. It is found by GlobalObjectId, since several invitations to single occurrences of a
 * series with a foreign UID share that UID.
 */
export function findCopy(mailbox: Mailbox, globalObjectId: Buffer): CalendarItem | undefined {
  return mailbox.itemsByGlobalObjectId(globalObjectId).find(({ properties }) => properties.isReceived);
}

/** Attendees never learn each other's answers from an invitation. */
function withoutAnswers(attendees: readonly Attendee[]): Attendee[] {
  return attendees.map(({ person }) => ({ person, response: 'Unknown' as const }));
}

function received<T extends Partial<CalendarProperties>>(source: T): T {
  const copy = { ...source };
  for (const key of LIST_KEYS) {
    const list = copy[key];
    if (list !== undefined) copy[key] = withoutAnswers(list);
  }
  for (const key of ANSWER_KEYS) delete copy[key];
  for (const key of OWN_KEYS) delete copy[key];
  return copy;
}

const UNANSWERED = { myResponse: 'NoResponseReceived', repliedAt: undefined, freeBusy: 'Tentative' } as const;

function firstProperties(source: Readonly<CalendarProperties>): CalendarProperties {
  return {
    ...source,
    ...received(source),
    ...UNANSWERED,
    isReceived: true,
    categories: [],
    reminderIsSet: true,
    reminderMinutes: 15,
    extended: [],
    meetingRequestWasSent: true,
  };
}

/**
 * Brings the attendee's copy of a single or series up to date, creating it when there is none.
 *
 * @param askAgain whether an earlier answer is void because the meeting moved
 */
export function deliverWhole(target: Mailbox, source: CalendarItem, by: string, askAgain: boolean): void {
  const copy = findCopy(target, source.globalObjectId);
  const exceptions = [...source.exceptions].map(
    ([day, exception]) => [day, { ...exception, overrides: receivedOverrides(exception) }] as const,
  );
  if (copy === undefined) {
    if (source.recurrence !== undefined) removeOrphans(target, source);
    const created = target.create(
      {
        folder: 'calendar',
        uid: source.uid,
        globalObjectId: source.globalObjectId,
        properties: firstProperties(source.properties),
        recurrence: source.recurrence,
      },
      by,
    );
    for (const [day, exception] of exceptions) created.exceptions.set(day, exception);
    for (const day of source.deletedDays) created.deletedDays.add(day);
    return;
  }
  const rescheduled = timesDiffer(copy, source);
  copy.properties = {
    ...copy.properties,
    ...received(source.properties),
    isCancelled: false,
    ...(askAgain ? UNANSWERED : {}),
  };
  copy.recurrence = source.recurrence;
  if (rescheduled) {
    copy.exceptions.clear();
    copy.deletedDays.clear();
  }
  for (const [day, exception] of exceptions) {
    if (copy.deletedDays.has(day)) continue;
    const own = copy.exceptions.get(day)?.overrides;
    copy.exceptions.set(day, { ...exception, overrides: { ...own, ...exception.overrides } });
  }
  for (const day of source.deletedDays) {
    copy.deletedDays.add(day);
    copy.exceptions.delete(day);
  }
  target.touch(copy, by);
}

/** Lone invitations to occurrences give way when the whole series arrives. */
function removeOrphans(target: Mailbox, series: CalendarItem): void {
  for (const item of [...target.itemsIn('calendar')]) {
    const lone = item.properties.isReceived && !item.globalObjectId.equals(series.globalObjectId);
    if (lone && cleanGlobalObjectId(item.globalObjectId).equals(series.globalObjectId)) target.remove(item);
  }
}

/** Whether the series was rescheduled, which makes what was special about single days void. */
function timesDiffer(copy: CalendarItem, source: CalendarItem): boolean {
  const rule = ({ recurrence, properties: { start, end, isAllDay, startZone } }: CalendarItem) =>
    JSON.stringify([recurrence, start, end, isAllDay, startZone.iana]);
  return rule(copy) !== rule(source);
}

function receivedOverrides({ overrides }: SeriesException): Overrides {
  return { ...received(overrides), start: overrides.start, end: overrides.end };
}

/**
 * Delivers one occurrence: into the attendee's copy of the series, or, to somebody who is not invited to the series, as a
 * meeting of its own whose GlobalObjectId and UID carry the occurrence's date (docs/reference/exchange.md §7.3).
 */
export function deliverOccurrence(target: Mailbox, source: ItemView, by: string, askAgain: boolean, now: number): void {
  const day = source.occurrence!.day;
  const series = findCopy(target, source.item.globalObjectId);
  if (series === undefined) {
    deliverOrphan(target, source, by, askAgain);
    return;
  }
  series.deletedDays.delete(day);
  const exception = source.item.exceptions.get(day);
  const update = exception === undefined ? pickTimes(source) : receivedOverrides(exception);
  const own = series.exceptions.get(day)?.overrides;
  series.exceptions.set(day, {
    overrides: { ...own, ...update, isCancelled: false, ...(askAgain ? UNANSWERED : {}) },
    modifiedAt: now,
  });
  target.touch(series, by);
}

function pickTimes({ properties }: ItemView): Overrides {
  return { start: properties.start, end: properties.end };
}

function deliverOrphan(target: Mailbox, source: ItemView, by: string, askAgain: boolean): void {
  const { globalObjectId, uid } = orphanIdentity(source.item, source.occurrence!.day);
  const orphan = findCopy(target, globalObjectId);
  if (orphan === undefined) {
    target.create(
      {
        folder: 'calendar',
        uid,
        globalObjectId,
        properties: firstProperties(source.properties),
        recurrence: undefined,
      },
      by,
    );
    return;
  }
  orphan.properties = { ...orphan.properties, ...received(source.properties), ...(askAgain ? UNANSWERED : {}) };
  target.touch(orphan, by);
}

/** Identity of an invitation to a single occurrence. A foreign UID stays as it is. */
export function orphanIdentity(series: CalendarItem, day: CivilDay): { globalObjectId: Buffer; uid: string } {
  const globalObjectId = globalObjectIdOfOccurrence(series.globalObjectId, day);
  return { globalObjectId, uid: uidOfGlobalObjectId(globalObjectId) };
}
