import { cleanGlobalObjectId, encodeItemId } from '../ids.ts';
import { hasAttendees } from '../properties/extended-properties.ts';
import type { Attendee } from '../store/calendar-item.ts';
import { type ItemView, viewOfItem } from '../store/item-view.ts';
import type { Mailbox } from '../store/mailbox.ts';
import { occurrencesInWindow } from '../store/series.ts';
import { wallOfInstant, zoneOfId } from '../time/exchange-zone.ts';

/** One single, occurrence or exception as it really is, for tests to compare with. Times are ISO 8601 in UTC. */
export interface TrueOccurrence {
  readonly itemId: string;
  readonly uid: string;
  /** Hex; with the date in it when somebody is invited to one occurrence only. */
  readonly globalObjectId: string;
  /** Hex of CleanGlobalObjectId. */
  readonly cleanGlobalObjectId: string;
  readonly kind: 'Single' | 'Occurrence' | 'Exception';
  /** ItemId of the master that an occurrence or exception belongs to. */
  readonly seriesItemId: string | null;
  readonly originalStart: string | null;
  /** Original local day in the series' zone. */
  readonly originalDate: string | null;
  readonly subject: string | null;
  readonly start: string;
  readonly end: string;
  readonly allDay: boolean;
  /** First day and the day after the last one, for all-day events. */
  readonly startDate: string | null;
  readonly endDate: string | null;
  readonly timeZone: string;
  readonly ianaTimeZone: string;
  readonly location: string | null;
  readonly body: string | null;
  readonly bodyType: 'HTML' | 'Text' | null;
  readonly organizer: { readonly address: string; readonly name: string };
  readonly isOrganizer: boolean;
  readonly isMeeting: boolean;
  readonly attendees: readonly { address: string; name: string; role: string; response: string }[];
  readonly myResponse: string;
  readonly freeBusy: string;
  readonly sensitivity: string;
  readonly isCancelled: boolean;
  readonly categories: readonly string[];
  readonly reminderMinutes: number | null;
  readonly joinOnlineMeetingUrl: string | null;
  readonly modifiedAt: string;
}

/**
 * What a mailbox's calendar really holds between two instants (unix ms): everything that ends after `from` and starts
 * before `to`, by start.
 */
export function trueOccurrences(mailbox: Mailbox, folder: string, from: number, to: number): TrueOccurrence[] {
  const views: ItemView[] = [];
  for (const item of mailbox.itemsIn(folder)) {
    if (item.recurrence === undefined) views.push(viewOfItem(mailbox, item));
    else views.push(...occurrencesInWindow(mailbox, item, from, to));
  }
  return views
    .filter(({ properties }) => (properties.end > from || properties.start >= from) && properties.start < to)
    .sort((a, b) => a.properties.start - b.properties.start)
    .map(describe);
}

function describe(view: ItemView): TrueOccurrence {
  const { properties, item, occurrence } = view;
  const iso = (instant: number) => new Date(instant).toISOString();
  const date = (instant: number) => wallOfInstant(instant, properties.startZone).toPlainDate().toString();
  return {
    itemId: encodeItemId({ mailboxGuid: view.mailbox.identity.guid, number: item.number, day: occurrence?.day }),
    uid: item.uid,
    globalObjectId: item.globalObjectId.toString('hex').toUpperCase(),
    cleanGlobalObjectId: cleanGlobalObjectId(item.globalObjectId).toString('hex').toUpperCase(),
    kind: view.kind === 'RecurringMaster' ? 'Single' : view.kind,
    seriesItemId:
      occurrence === undefined
        ? null
        : encodeItemId({ mailboxGuid: view.mailbox.identity.guid, number: item.number, day: undefined }),
    originalStart: occurrence === undefined ? null : iso(occurrence.originalStart),
    originalDate:
      occurrence === undefined
        ? null
        : wallOfInstant(occurrence.originalStart, item.properties.startZone).toPlainDate().toString(),
    subject: properties.subject ?? null,
    start: iso(properties.start),
    end: iso(properties.end),
    allDay: properties.isAllDay,
    startDate: properties.isAllDay ? date(properties.start) : null,
    endDate: properties.isAllDay ? date(properties.end) : null,
    timeZone: properties.startZone.id,
    // Of a server with old zone data it is what the zone is called, not how its clocks run.
    ianaTimeZone: zoneOfId(properties.startZone.id)?.iana ?? properties.startZone.iana,
    location: properties.location ?? null,
    body: properties.body?.content ?? null,
    bodyType: properties.body?.type ?? null,
    organizer: { address: properties.organizer.address, name: properties.organizer.name },
    isOrganizer: !properties.isReceived,
    isMeeting: properties.isReceived || hasAttendees(view),
    attendees: [
      ...describeAttendees(properties.requiredAttendees, 'required'),
      ...describeAttendees(properties.optionalAttendees, 'optional'),
      ...describeAttendees(properties.resources, 'resource'),
    ],
    myResponse: properties.myResponse,
    freeBusy: properties.freeBusy,
    sensitivity: properties.sensitivity,
    isCancelled: properties.isCancelled,
    categories: properties.categories,
    reminderMinutes: properties.reminderIsSet ? properties.reminderMinutes : null,
    joinOnlineMeetingUrl: properties.joinOnlineMeetingUrl ?? null,
    modifiedAt: iso(view.modifiedAt),
  };
}

function describeAttendees(attendees: readonly Attendee[], role: string) {
  return attendees.map(({ person, response }) => ({ address: person.address, name: person.name, role, response }));
}
