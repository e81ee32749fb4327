import type { SyncedOccurrence } from 'calendar-db/sync';
import {
  type Attendee,
  type AttendeeRole,
  displayNameKey,
  eventId,
  isPrivate,
  isSmtpAddress,
  laterResponse,
  type Person,
  type Sensitivity,
  videoLinks,
  writtenAddress,
} from 'calendar-model';
import type { EwsAttendee, EwsCalendarItem } from 'ews-client';
import type { EntryDetails, ExchangeEntry } from './exchange-entry.ts';
import type { ExchangeZones } from './exchange-zone.ts';
import { seriesText } from './series-text.ts';
import { firstOccurrence } from './zone-guess.ts';

const NO_DATES = { allDay: false, startDate: null, endDate: null } as const;

export interface MappingContext {
  /** Canonical address of the mailbox. */
  readonly mailbox: string;
  /** `privacy.storePrivate`: off, the content of private events is dropped here and never stored. */
  readonly storePrivate: boolean;
  readonly zones: ExchangeZones;
  /** Whether a canonical address is a room's, as the provider's directory says; default: none is. */
  readonly isRoom?: (address: string) => boolean;
}

/**
 * An entry and its details as the cache keeps them.
 *
 * @returns null when an exception's original start is known neither from the view nor from its details nor from the
 * series' master, so that it cannot be named
 */
export function exchangeOccurrence(
  entry: ExchangeEntry,
  { details, master }: EntryDetails,
  context: MappingContext,
): SyncedOccurrence | null {
  const { item } = entry;
  const { kind } = item;
  const told = master?.seriesZone ?? item.startZone ?? details.startZone;
  const { zones, mailbox } = context;
  const first = master && firstOccurrence(master);
  const { isAllDay } = item;
  const zone = zones.of(told, { ...item, mailbox, first });
  const originalStart = originalStartOf(entry, details, master);
  if (kind !== 'single' && originalStart === null) return null;
  const uid = item.uid ?? details.uid ?? item.globalObjectId;
  const organizer = organizerOf(entry, details, context.mailbox);
  const occurrence: SyncedOccurrence = {
    eventId: eventId({
      uid,
      globalObjectId: item.globalObjectId,
      itemId: item.itemId,
      kind,
      originalStart,
      // Of the original start: the occurrence itself may have been moved across a change of the clocks.
      seriesZone: originalStart ? zones.clockOf(told, { start: originalStart, isAllDay, first }) : zone,
    }),
    uid,
    originalStart,
    itemId: item.itemId,
    seriesId: master?.itemId ?? null,
    kind,
    subject: kind === 'occurrence' ? item.subject : details.subject,
    start: item.start,
    // Broken senders have written meetings that end before they begin; such a one lasts no time.
    end: new Date(Math.max(item.start.getTime(), item.end.getTime())),
    ...(isAllDay ? { allDay: true, ...zones.allDayDates(told, { ...item, mailbox, first }) } : NO_DATES),
    timeZone: zone,
    location: kind === 'occurrence' ? item.location : details.location,
    preview: details.bodyPreview ?? '',
    organizer,
    attendees: attendeesOf(details, organizer, context.isRoom),
    myResponse: item.myResponse,
    freeBusy: item.freeBusy,
    sensitivity: sensitivityOf(entry, details),
    isMeeting: item.isMeeting,
    isCancelled: item.isCancelled,
    categories: item.categories,
    reminderMinutes: item.reminderMinutes,
    joinLinks: videoLinks([details.joinOnlineMeetingUrl ?? '', details.location, ...details.bodyLinks]),
    owaUrl: null,
    seriesText: master?.recurrence ? seriesText(master.recurrence) : null,
    lastModified: entry.lastModified,
    sequence: details.sequence,
    stamp: details.stamp,
    viewDigest: entry.digest,
    details: 'read',
    duplicateOf: null,
  };
  return isPrivate(occurrence.sensitivity) && !context.storePrivate ? withoutContent(occurrence) : occurrence;
}

/**
 * An entry whose details could not be had, as the view alone tells it.
 *
 * @param master the series' master, where that is known
 * @returns null when it cannot be named without its details
 */
export function occurrenceFromView(
  entry: ExchangeEntry,
  master: EwsCalendarItem | null,
  context: MappingContext,
): SyncedOccurrence | null {
  const details: EwsCalendarItem = {
    ...entry.item,
    ...{ organizer: null, requiredAttendees: [], optionalAttendees: [], resources: [] },
    ...{ bodyPreview: '', bodyLinks: [], joinOnlineMeetingUrl: null, originalStart: null },
    ...{ sequence: null, stamp: null },
    ...{ recurrence: null, modifiedOccurrences: [], deletedOccurrences: [], seriesZone: null },
  };
  const occurrence = exchangeOccurrence(entry, { details, master }, context);
  if (occurrence === null) return null;
  // Of a private event whose content is not stored nothing is missing.
  const isWhole = isPrivate(occurrence.sensitivity) && !context.storePrivate;
  return { ...occurrence, details: isWhole ? 'read' : 'missing' };
}

/** Content comes from the details: what they call private is so, also when the view that was read before did not know it yet. */
function sensitivityOf({ item }: ExchangeEntry, details: EwsCalendarItem): Sensitivity {
  return isPrivate(item.sensitivity) ? item.sensitivity : details.sensitivity;
}

function originalStartOf(
  { item }: ExchangeEntry,
  details: EwsCalendarItem,
  master: EwsCalendarItem | null,
): Date | null {
  if (item.kind === 'single') return null;
  if (item.kind === 'occurrence') return item.recurrenceId ?? item.start;
  const told = master?.modifiedOccurrences.find(({ itemId }) => itemId === item.itemId);
  return item.recurrenceId ?? details.originalStart ?? told?.originalStart ?? null;
}

/**
 * The organizer's own copy is his who owns the mailbox, whatever it says. Elsewhere a legacy name, or a display name
 * without any address, stands for him until the directory says who it is.
 */
function organizerOf({ item }: ExchangeEntry, details: EwsCalendarItem, mailbox: string): Person {
  const name = details.organizer?.name ?? item.organizerName ?? '';
  const address = writtenAddress(details.organizer?.address ?? '');
  if (address !== null && isSmtpAddress(address)) return { address, name };
  return { address: item.isOrganizer ? mailbox : (address ?? displayNameKey(name)), name };
}

/**
 * Everybody invited, once each, the organizer left out. One who is listed twice stands where he is first listed, with the
 * response that counts. One without an address is known by his name alone.
 */
function attendeesOf(details: EwsCalendarItem, organizer: Person, isRoom = (_address: string) => false): Attendee[] {
  const organizers = new Set([organizer.address, writtenAddress(details.organizer?.address ?? '')]);
  const found = new Map<string, Attendee>();
  const add = (people: readonly EwsAttendee[], role: AttendeeRole): void => {
    for (const person of people) {
      const address = writtenAddress(person.address ?? '');
      const name = person.name ?? '';
      const key = address ?? displayNameKey(name || (person.address ?? ''));
      if (key === null || organizers.has(key)) continue;
      const attendee: Attendee = {
        address,
        name: name || (address === null ? (person.address ?? '') : ''),
        role: address !== null && isRoom(address) ? 'resource' : role,
        response: person.response,
        ...(person.respondedAt === null ? {} : { respondedAt: person.respondedAt.getTime() }),
      };
      const known = found.get(key);
      const { response, respondedAt } = known === undefined ? attendee : laterResponse(known, attendee);
      found.set(key, { ...(known ?? attendee), response, ...(respondedAt === undefined ? {} : { respondedAt }) });
    }
  };
  add(details.requiredAttendees, 'required');
  add(details.optionalAttendees, 'optional');
  add(details.resources, 'resource');
  return [...found.values()];
}
function withoutContent(occurrence: SyncedOccurrence): SyncedOccurrence {
  return {
    ...occurrence,
    subject: '',
    location: '',
    preview: '',
    organizer: { address: null, name: '' },
    attendees: [],
    categories: [],
    joinLinks: [],
    owaUrl: null,
  };
}
