import { type AttendeeResponse, cleanUid, eventId } from 'calendar-model';
import { z } from 'zod';
import { type Columns, json, nullable, oneOf, type RowOf } from '../database/column-types.ts';
import { ATTENDEE, FREE_BUSY, OCCURRENCE_KINDS, RESPONSES, SENSITIVITIES } from './event-columns.ts';
import type { EventView } from './event-view.ts';
import { type Responses, responsesOf, shownAddress, shownAttendees } from './shown-attendees.ts';

const CONFERENCE = z.strictObject({
  state: z.string(),
  wanted: z.string(),
  reason: z.string().nullable(),
  serverId: z.string().nullable(),
  cid: z.string().nullable(),
  url: z.string().nullable(),
  appUrl: z.string().nullable(),
  startsAt: z.string(),
  failure: z.string().nullable(),
});

/** The columns of `calendar.show_copies`. */
export const SHOWN_COLUMNS = {
  viewer: 'text',
  eventId: 'uuid',
  own: 'boolean',
  masked: 'boolean',
  uid: 'text?',
  kind: oneOf(...OCCURRENCE_KINDS),
  subject: 'text',
  start: 'timestamptz',
  end: 'timestamptz',
  allDay: 'boolean',
  startDate: 'text?',
  endDate: 'text?',
  timeZone: 'text',
  location: 'text',
  preview: 'text',
  organizerAddress: 'text?',
  organizerName: 'text',
  organizerPerson: 'text?',
  isOrganizerCopy: 'boolean',
  attendees: json(z.array(ATTENDEE)),
  attendeePeople: 'text[]',
  organizerCopy: 'text?',
  organizerAttendees: nullable(json(z.array(ATTENDEE))),
  organizerAttendeePeople: 'text[]?',
  myResponse: oneOf(...RESPONSES),
  freeBusy: oneOf(...FREE_BUSY),
  sensitivity: oneOf(...SENSITIVITIES),
  seriesText: 'text?',
  isMeeting: 'boolean',
  isCancelled: 'boolean',
  categories: 'text[]',
  reminderMinutes: 'integer?',
  joinLinks: 'text[]',
  owaUrl: 'text?',
  previousStart: 'timestamptz?',
  changedFields: 'text[]',
  conference: nullable(json(CONFERENCE)),
} as const satisfies Columns;

/** A row of `calendar.show_copies`. */
export type ShownRow = RowOf<typeof SHOWN_COLUMNS>;

/**
 * Makes views of rows: puts the answers that the organizer's copy knows into the lists of attendees. Copies of one event
 * may name different organizers (anybody can send an invitation under any UID): each is given only what its own knows.
 */
export function viewsOfRows(rows: readonly ShownRow[]): EventView[] {
  const known = new Map<string, Responses>();
  for (const row of rows) {
    if (row.organizerAttendees && row.organizerAttendeePeople) {
      known.set(
        organizerKey(row),
        responsesOf({ attendees: row.organizerAttendees, attendeePeople: row.organizerAttendeePeople }),
      );
    }
  }
  return rows.map((row) => viewOfRow(row, row.isOrganizerCopy ? responsesOf(row) : known.get(organizerKey(row))));
}

function organizerKey({ eventId: id, organizerCopy }: ShownRow): string {
  return `${id} ${organizerCopy}`;
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
    attendees: shownAttendees(row, (person) =>
      person === row.viewer ? myResponse : (responses?.get(person) ?? 'unknown'),
    ),
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

function myResponseOf(row: ShownRow, isOrganizer: boolean, responses: Responses | undefined): AttendeeResponse {
  if (row.masked) return 'unknown';
  if (row.own) return row.myResponse;
  return isOrganizer ? 'organizer' : (responses?.get(row.viewer) ?? 'unknown');
}

function seriesIdOf({ uid, kind }: ShownRow): string | null {
  if (kind === 'single' || uid === null) return null;
  return eventId({ uid: cleanUid(uid), itemId: '', kind: 'single', originalStart: null, seriesZone: 'UTC' });
}
