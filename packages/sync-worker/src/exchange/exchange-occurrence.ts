import type { SyncedOccurrence } from 'calendar-db/sync';
import {
  type Attendee,
  type AttendeeRole,
  canonicalAddress,
  displayNameKey,
  eventId,
  isLegacyName,
  isPrivate,
  isSmtpAddress,
  type Person,
  type Sensitivity,
  videoLinks,
} from 'calendar-model';
import type { EwsAttendee, EwsCalendarItem, EwsMailboxAddress } from 'ews-client';
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
    organizer: organizerOf(entry, details, context.mailbox),
    attendees: attendeesOf(details, context.isRoom),
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
    ...{ bodyPreview: '', bodyLinks: [], joinOnlineMeetingUrl: null, originalStart: null, sequence: null },
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
  const address = personAddress(details.organizer);
  if (address !== null && isSmtpAddress(address)) return { address, name };
  return { address: item.isOrganizer ? mailbox : (address ?? displayNameKey(name)), name };
}

function attendeesOf(details: EwsCalendarItem, isRoom = (_address: string) => false): Attendee[] {
  const byAddress = new Map<string, Attendee>();
  const add = (people: readonly EwsAttendee[], role: AttendeeRole): void => {
    for (const person of people) {
      const address = personAddress(person);
      if (address === null || byAddress.has(address)) continue;
      const { name, response } = person;
      byAddress.set(address, { address, name: name ?? '', role: isRoom(address) ? 'resource' : role, response });
    }
  };
  add(details.requiredAttendees, 'required');
  add(details.optionalAttendees, 'optional');
  add(details.resources, 'resource');
  return [...byAddress.values()];
}

/**
 * A canonical SMTP address, or a legacy name (docs/reference/exchange.md §7.1) in small letters: like an alias it is kept
 * as it came, and the directory says whose it is. null for anything else.
 */
function personAddress(person: EwsMailboxAddress | null): string | null {
  const address = canonicalAddress(person?.address ?? '');
  return isSmtpAddress(address) || isLegacyName(address) ? address : null;
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
