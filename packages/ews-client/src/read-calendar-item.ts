import { digestBody } from './body-text.ts';
import type { EwsAttendee, EwsCalendarItem, EwsModifiedOccurrence } from './calendar-item.ts';
import {
  optionalInteger,
  optionalMoment,
  optionalText,
  optionalTime,
  required,
  requiredAttribute,
  requiredMoment,
} from './element-fields.ts';
import { readMailboxAddress } from './read-mailbox-address.ts';
import { readRecurrence } from './read-recurrence.ts';
import { readTimeZone } from './read-time-zone.ts';
import { readResponse, readViewItem } from './read-view-item.ts';
import type { XmlElement } from './xml-element.ts';

/**
 * A `t:CalendarItem` of GetItem.
 * @throws UnreadableFieldError as `readViewItem`.
 */
export function readCalendarItem(element: XmlElement): EwsCalendarItem {
  const view = readViewItem(element);
  const organizer = element.descend('t:Organizer', 't:Mailbox');
  const body = readBody(element);
  return {
    ...view,
    organizer: organizer === undefined ? null : readMailboxAddress(organizer),
    requiredAttendees: readAttendees(element.child('t:RequiredAttendees')),
    optionalAttendees: readAttendees(element.child('t:OptionalAttendees')),
    resources: readAttendees(element.child('t:Resources')),
    bodyPreview: body?.preview ?? null,
    bodyLinks: body?.links ?? [],
    joinOnlineMeetingUrl: optionalText(element, 't:JoinOnlineMeetingUrl'),
    originalStart: optionalMoment(element, 't:OriginalStart'),
    sequence: optionalInteger(element, 't:AppointmentSequenceNumber'),
    stamp: optionalTime(element, 't:DateTimeStamp'),
    recurrence: readRecurrence(element.child('t:Recurrence')),
    modifiedOccurrences: (element.child('t:ModifiedOccurrences')?.children ?? []).map(readModifiedOccurrence),
    deletedOccurrences: (element.child('t:DeletedOccurrences')?.children ?? []).map((occurrence) =>
      requiredMoment(occurrence, 't:Start'),
    ),
    seriesZone: view.kind === 'recurringMaster' ? readTimeZone(element.child('t:StartTimeZone')) : null,
  };
}

function readBody(element: XmlElement) {
  const body = element.child('t:Body') ?? element.child('t:TextBody');
  return body === undefined ? null : digestBody(body.text, body.attribute('BodyType') === 'HTML');
}

function readAttendees(list: XmlElement | undefined): EwsAttendee[] {
  return (list?.children ?? []).map((attendee) => ({
    ...readMailboxAddress(required(attendee, 't:Mailbox')),
    response: readResponse(optionalText(attendee, 't:ResponseType')),
    respondedAt: readResponseTime(attendee),
  }));
}

/** Servers write a time of the year 1 where no response came. */
function readResponseTime(attendee: XmlElement): Date | null {
  const time = optionalTime(attendee, 't:LastResponseTime');
  return time !== null && time.getTime() > 0 ? time : null;
}

function readModifiedOccurrence(element: XmlElement): EwsModifiedOccurrence {
  return {
    itemId: requiredAttribute(required(element, 't:ItemId'), 'Id'),
    start: requiredMoment(element, 't:Start'),
    end: requiredMoment(element, 't:End'),
    originalStart: requiredMoment(element, 't:OriginalStart'),
  };
}
