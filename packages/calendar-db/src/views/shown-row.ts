import {
  type Attendee,
  type AttendeeResponse,
  cleanUid,
  eventId,
  type FreeBusy,
  isDirectoryName,
  type OccurrenceKind,
  type Sensitivity,
} from 'calendar-model';
import type { ConferenceView, EventView } from './event-view.ts';

/** A row of `calendar.show_copies`. */
export interface ShownRow {
  viewer: string;
  eventId: string;
  own: boolean;
  masked: boolean;
  uid: string | null;
  kind: OccurrenceKind;
  subject: string;
  start: Date;
  end: Date;
  allDay: boolean;
  startDate: string | null;
  endDate: string | null;
  timeZone: string;
  location: string;
  preview: string;
  organizerAddress: string | null;
  organizerName: string;
  organizerPerson: string | null;
  isOrganizerCopy: boolean;
  attendees: Attendee[];
  attendeePeople: string[];
  organizerCopy: string | null;
  organizerAttendees: Attendee[] | null;
  organizerAttendeePeople: string[] | null;
  myResponse: AttendeeResponse;
  freeBusy: FreeBusy;
  sensitivity: Sensitivity;
  seriesText: string | null;
  isMeeting: boolean;
  isCancelled: boolean;
  categories: string[];
  reminderMinutes: number | null;
  joinLinks: string[];
  owaUrl: string | null;
  previousStart: Date | null;
  changedFields: string[];
  conference: (Omit<ConferenceView, 'startsAt'> & { startsAt: string }) | null;
}

/** What each person answered, as the organizer's copy of an event has it. */
type Responses = ReadonlyMap<string, AttendeeResponse>;

/**
 * Makes views of rows: puts the answers that the organizer's copy knows into the lists of attendees. Copies of one event
 * may name different organizers (anybody can send an invitation under any UID): each is given only what its own knows.
 */
export function viewsOfRows(rows: readonly ShownRow[]): EventView[] {
  const known = new Map<string, Responses>();
  for (const row of rows) {
    if (row.organizerAttendees && row.organizerAttendeePeople) {
      known.set(organizerKey(row), responsesOf(row.organizerAttendees, row.organizerAttendeePeople));
    }
  }
  return rows.map((row) => viewOfRow(row, row.isOrganizerCopy ? ownResponses(row) : known.get(organizerKey(row))));
}

function organizerKey({ eventId: id, organizerCopy }: ShownRow): string {
  return `${id} ${organizerCopy}`;
}

function ownResponses(row: ShownRow): Responses {
  return responsesOf(row.attendees, row.attendeePeople);
}

function responsesOf(attendees: readonly Attendee[], people: readonly string[]): Responses {
  return new Map(attendees.map((attendee, place) => [people[place] ?? attendee.address, attendee.response]));
}

function viewOfRow(row: ShownRow, responses: Responses | undefined): EventView {
  const isOrganizer = row.organizerPerson !== null && row.organizerPerson === row.viewer;
  const myResponse = myResponseOf(row, isOrganizer, responses);
  return {
    viewer: row.viewer,
    eventId: row.eventId,
    own: row.own,
    masked: row.masked,
    subject: row.subject,
    start: row.start,
    end: row.end,
    allDay: row.allDay,
    startDate: row.startDate,
    endDate: row.endDate,
    timeZone: row.timeZone,
    location: row.location,
    preview: row.preview,
    organizer: { address: shownAddress(row.organizerAddress, row.organizerPerson) || null, name: row.organizerName },
    isOrganizer,
    attendees: row.attendees.map((attendee, place) => {
      const person = row.attendeePeople[place] ?? attendee.address;
      const address = shownAddress(attendee.address, person);
      return { ...attendee, address, response: responseOf(person, row, myResponse, responses) };
    }),
    myResponse,
    freeBusy: row.freeBusy,
    sensitivity: row.sensitivity,
    seriesId: seriesIdOf(row),
    seriesText: row.seriesText,
    isMeeting: row.isMeeting,
    isCancelled: row.isCancelled,
    categories: row.categories,
    reminderMinutes: row.reminderMinutes,
    joinLinks: row.joinLinks,
    owaUrl: row.owaUrl,
    previousStart: row.previousStart,
    changedFields: row.changedFields,
    conference: row.conference && { ...row.conference, startsAt: new Date(row.conference.startsAt) },
  };
}

/**
 * What is no address (a legacy name, a display name) shows as the address of the person behind it, or not at all as long
 * as nobody knows him.
 */
function shownAddress(address: string | null, person: string | null): string {
  return [address, person].find((name) => name !== null && !isDirectoryName(name)) ?? '';
}

function myResponseOf(row: ShownRow, isOrganizer: boolean, responses: Responses | undefined): AttendeeResponse {
  if (row.masked) return 'unknown';
  if (row.own) return row.myResponse;
  return isOrganizer ? 'organizer' : (responses?.get(row.viewer) ?? 'unknown');
}

function responseOf(
  person: string,
  row: ShownRow,
  myResponse: AttendeeResponse,
  responses: Responses | undefined,
): AttendeeResponse {
  if (person === row.organizerPerson) return 'organizer';
  if (person === row.viewer) return myResponse;
  return responses?.get(person) ?? 'unknown';
}

function seriesIdOf({ uid, kind }: ShownRow): string | null {
  if (kind === 'single' || uid === null) return null;
  return eventId({ uid: cleanUid(uid), itemId: '', kind: 'single', originalStart: null, seriesZone: 'UTC' });
}
