import {
  type EwsCalendarItem,
  type EwsErrorClass,
  type EwsErrorScope,
  type EwsMailboxAddress,
  EwsResponseError,
  type EwsViewItem,
} from 'ews-client';

/** A view item as Exchange would tell a plain one-hour single, but for what is `given`. */
export function viewItem(given: Partial<EwsViewItem> = {}): EwsViewItem {
  const start = given.start ?? new Date('2026-03-10T09:00:00Z');
  const itemId = given.itemId ?? 'item';
  return {
    itemId,
    changeKey: 'key',
    uid: `uid of ${itemId}`,
    cleanGlobalObjectId: null,
    globalObjectId: null,
    kind: 'single',
    subject: 'Planning',
    location: 'Room 1',
    start,
    end: new Date(start.getTime() + 3_600_000),
    isAllDay: false,
    recurrenceId: null,
    isRecurring: false,
    isMeeting: true,
    isCancelled: false,
    isOrganizer: true,
    organizerName: 'Anna',
    myResponse: 'organizer',
    freeBusy: 'busy',
    sensitivity: 'normal',
    categories: [],
    reminderMinutes: 15,
    lastModified: new Date('2026-03-01T00:00:00Z'),
    startZone: { id: 'W. Europe Standard Time', name: null, rules: null },
    ...given,
  };
}

/** The details of an item, but for what is `given`. */
export function calendarItem(given: Partial<EwsCalendarItem> = {}): EwsCalendarItem {
  return {
    ...viewItem(given),
    organizer: { name: 'Anna', address: 'Anna@corp.example', routingType: 'SMTP', mailboxType: 'Mailbox' },
    requiredAttendees: [],
    optionalAttendees: [],
    resources: [],
    bodyPreview: 'Agenda',
    bodyLinks: [],
    joinOnlineMeetingUrl: null,
    originalStart: null,
    sequence: 0,
    stamp: null,
    recurrence: null,
    modifiedOccurrences: [],
    deletedOccurrences: [],
    seriesZone: null,
    ...given,
  };
}

/** Somebody as Exchange's directory tells. */
export function ewsAddress(address: string, mailboxType = 'Mailbox'): EwsMailboxAddress {
  return { name: address, address, routingType: 'SMTP', mailboxType };
}

/** Exchange's answer with one of its codes. */
export function ewsError(
  responseCode: string,
  errorClass: EwsErrorClass,
  given: { scope?: EwsErrorScope; backOffMs?: number; operation?: string; mailbox?: string } = {},
): EwsResponseError {
  const { scope = 'mailbox', backOffMs, operation = 'FindItem', mailbox = 'anna@corp.example' } = given;
  const place = { host: 'exchange.example', mailbox, operation };
  return new EwsResponseError(responseCode, place, { errorClass, scope, responseCode, backOffMs });
}
