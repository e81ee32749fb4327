import type { AttendeeResponse, AttendeeRole, FreeBusy, Sensitivity } from 'calendar-model';
import { z } from 'zod';

/** Longest list of attendees inside an event; the rest comes by `getEventById`. */
export const MAX_LISTED_ATTENDEES = 100;

const unixMs = z.int().describe('unix time in milliseconds');
const localDate = z.string().regex(/^\d{4,6}-\d{2}-\d{2}$/u);

const responseStatus = z.enum([
  'organizer',
  'accepted',
  'tentative',
  'declined',
  'notResponded',
  'unknown',
] satisfies AttendeeResponse[]);

export const attendee = z
  .object({
    address: z.string().describe('empty where Exchange tells no address, as of somebody who has left'),
    name: z.string(),
    userId: z.string().optional().describe('TrueConf ID, where the address is known to belong to one'),
    role: z.enum(['required', 'optional', 'resource'] satisfies AttendeeRole[]),
    response: responseStatus.describe('`unknown` unless the viewer may rely on it'),
  })
  .meta({ id: 'Attendee' });

export const organizer = z
  .object({
    address: z.string().nullable(),
    name: z.string(),
    userId: z.string().optional().describe('TrueConf ID, where the address is known to belong to one'),
  })
  .meta({ id: 'Organizer' });

export const conference = z
  .object({
    id: z.string().optional().describe('conference ID on its server, once known'),
    serverId: z.string().describe('TrueConf Server that holds it; empty while no server is known'),
    url: z.string().optional().describe('page that opens the conference'),
    appUrl: z.string().optional().describe('`trueconf:` link for client applications'),
    state: z.enum(['planned', 'ready', 'running', 'ended', 'failed']),
    startsAt: unixMs,
    reason: z.string().optional().describe('why it failed, or why it is shown but not run'),
  })
  .meta({ id: 'Conference' });

/** What everybody with sight of an event learns, private ones of others included. */
const visibleTimes = {
  eventId: z.uuid().describe('the same in every mailbox that holds this occurrence'),
  version: z.int().min(0).describe('grows with every state of the calendar; a smaller one is older'),
  start: unixMs,
  end: unixMs,
  allDay: z.boolean(),
  startDate: localDate.optional().describe('first day, all-day events only'),
  endDate: localDate.optional().describe('day after the last, all-day events only'),
  freeBusy: z.enum(['free', 'tentative', 'busy', 'oof', 'workingElsewhere', 'noData'] satisfies FreeBusy[]),
  sensitivity: z.enum(['normal', 'personal', 'private', 'confidential'] satisfies Sensitivity[]),
};

/** An event as its viewer sees it. */
export const fullEvent = z
  .object({
    ...visibleTimes,
    title: z.string(),
    timeZone: z.string().describe('IANA zone in which it was planned'),
    location: z.string(),
    preview: z.string().describe('beginning of the text, at most 255 characters'),
    organizer,
    isOrganizer: z.boolean().describe('whether the viewer is the organizer'),
    attendees: z.array(attendee).describe(`at most ${MAX_LISTED_ATTENDEES}; all of them by \`getEventById\``),
    attendeesTotal: z.int().min(0),
    myResponse: responseStatus,
    seriesId: z.string().optional().describe('equal for the occurrences of one series'),
    seriesText: z.string().optional().describe('the recurrence in words'),
    cancelled: z.boolean(),
    categories: z.array(z.string()),
    reminderMinutes: z.int().optional(),
    previousStart: unixMs.optional().describe('where it was before it was last moved'),
    changedFields: z.array(z.string()).optional().describe('what the last change of the viewer’s copy changed'),
    owaUrl: z.string().optional().describe('opens the event in Outlook on the web'),
    conference: conference.nullable().describe('null: no TrueConf conference (the gray indicator)'),
  })
  .meta({ id: 'FullEvent' });

/** A private event of somebody else: only that there is something, and when. */
export const maskedEvent = z.object({ ...visibleTimes, title: z.never().optional() }).meta({ id: 'MaskedEvent' });

export const calendarEvent = z.union([fullEvent, maskedEvent]);

export type Attendee = z.output<typeof attendee>;
export type EventOrganizer = z.output<typeof organizer>;
export type EventConference = z.output<typeof conference>;
export type FullEvent = z.output<typeof fullEvent>;
export type MaskedEvent = z.output<typeof maskedEvent>;
export type CalendarEvent = FullEvent | MaskedEvent;

/** Whether only the times of an event are told. */
export function isMasked(event: CalendarEvent): event is MaskedEvent {
  return event.title === undefined;
}
