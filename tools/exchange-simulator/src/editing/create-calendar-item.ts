import { globalObjectIdOfUid, newGlobalObjectId, uidOfGlobalObjectId } from '../ids.ts';
import type { ItemDraft } from '../properties/property-definition.ts';
import type { CalendarItem, CalendarProperties, Person } from '../store/calendar-item.ts';
import type { Mailbox } from '../store/mailbox.ts';
import type { Organization } from '../store/organization.ts';
import type { ExchangeZone } from '../time/exchange-zone.ts';
import { settleTimes } from './item-times.ts';

const HALF_HOUR_MS = 1_800_000;

/** What an item has when its creator says nothing. */
function defaultProperties(organizer: Person, zone: ExchangeZone, now: number): CalendarProperties {
  const start = Math.ceil(now / HALF_HOUR_MS) * HALF_HOUR_MS;
  return {
    subject: undefined,
    body: undefined,
    sensitivity: 'Normal',
    importance: 'Normal',
    categories: [],
    reminderIsSet: true,
    reminderMinutes: 15,
    start,
    end: start + HALF_HOUR_MS,
    startZone: zone,
    endZone: zone,
    isAllDay: false,
    freeBusy: 'Busy',
    intendedFreeBusy: 'Busy',
    location: undefined,
    enhancedLocation: undefined,
    isCancelled: false,
    meetingRequestWasSent: false,
    isResponseRequested: true,
    isReceived: false,
    myResponse: 'Organizer',
    repliedAt: undefined,
    organizer,
    requiredAttendees: [],
    optionalAttendees: [],
    resources: [],
    sequence: 0,
    stampedAt: now,
    allowNewTimeProposal: true,
    isOnlineMeeting: false,
    conferenceType: 0,
    meetingWorkspaceUrl: undefined,
    netShowUrl: undefined,
    joinOnlineMeetingUrl: undefined,
    extended: [],
  };
}

/**
 * Stores a new item in a calendar, without sending anything.
 *
 * @param zone zone of an item that names none itself
 * @throws EwsError for times that Exchange refuses
 */
export function createCalendarItem(
  organization: Organization,
  mailbox: Mailbox,
  folder: string,
  draft: ItemDraft,
  zone: ExchangeZone,
): CalendarItem {
  const now = organization.now();
  const properties = { ...defaultProperties(mailbox.person, zone, now), ...draft.properties };
  if (draft.properties.startZone !== undefined && draft.properties.endZone === undefined)
    properties.endZone = properties.startZone;
  if (draft.properties.end === undefined) properties.end = Math.max(properties.end, properties.start + HALF_HOUR_MS);
  properties.intendedFreeBusy = properties.freeBusy;
  const recurrence = draft.recurrence ?? undefined;
  settleTimes(properties, recurrence);
  const hasUid = draft.uid !== undefined && draft.uid !== '';
  const globalObjectId = hasUid
    ? globalObjectIdOfUid(draft.uid!)
    : newGlobalObjectId(now, organization.newGlobalObjectData());
  const uid = uidOfGlobalObjectId(globalObjectId);
  return mailbox.create({ folder, uid, globalObjectId, properties, recurrence }, mailbox.identity.displayName);
}
