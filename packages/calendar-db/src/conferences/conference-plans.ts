import type { Attendee, AttendeeResponse, OccurrenceKind, Sensitivity } from 'calendar-model';
import { z } from 'zod';
import { json } from '../database/column-types.ts';
import { defineQuery, type Queryable } from '../database/query.ts';
import { ATTENDEE, OCCURRENCE_KINDS, RESPONSES, SENSITIVITIES } from '../views/event-columns.ts';
import type { Invitee } from './conference-columns.ts';

const EVENT_COPY = z.strictObject({
  mailboxId: z.number(),
  owner: z.string(),
  isOrganizerCopy: z.boolean(),
  isRoomCopy: z.boolean(),
  speaks: z.boolean(),
  gone: z.boolean(),
  kind: z.enum(OCCURRENCE_KINDS),
  uid: z.string().nullable(),
  subject: z.string(),
  preview: z.string(),
  startMs: z.number(),
  endMs: z.number(),
  allDay: z.boolean(),
  location: z.string(),
  organizer: z.string().nullable(),
  attendees: z.array(ATTENDEE),
  attendeePeople: z.array(z.string()),
  audience: z.array(z.string()),
  myResponse: z.enum(RESPONSES),
  sensitivity: z.enum(SENSITIVITIES),
  isMeeting: z.boolean(),
  isCancelled: z.boolean(),
  joinLinks: z.array(z.string()),
});

const sql = {
  readFacts: defineQuery('conferences/read-facts', {
    params: ['uuid[]'],
    row: {
      eventId: 'uuid',
      copies: json(z.array(EVENT_COPY)),
      plannedStart: 'timestamptz?',
      plannedEnd: 'timestamptz?',
    },
  }),
  plan: defineQuery('conferences/plan', { params: ['text', 'jsonb'], row: { changed: 'integer' } }),
  listPlannable: defineQuery('conferences/list-plannable', { params: ['uuid', 'integer'], row: { eventId: 'uuid' } }),
  listSoonest: defineQuery('conferences/list-soonest', { params: ['integer'], row: { eventId: 'uuid' } }),
  listTouched: defineQuery('conferences/list-touched', {
    params: ['text[]', 'uuid', 'integer'],
    row: { eventId: 'uuid' },
  }),
  beginLaunching: defineQuery('conferences/begin-launching', { params: ['boolean'], row: { since: 'timestamptz?' } }),
};

/** An event id that is less than those of all events. */
export const BEFORE_ALL_EVENTS = '00000000-0000-0000-0000-000000000000';

/**
 * One mailbox's copy of an event, as far as a conference depends on it. People are canonical addresses. Texts, links and
 * lists of people come with the copy that speaks; they are empty in all others.
 */
export interface EventCopy {
  readonly mailboxId: number;
  /** Whose mailbox. */
  readonly owner: string;
  readonly isOrganizerCopy: boolean;
  /** Its owner is a room or device. */
  readonly isRoomCopy: boolean;
  /** It speaks for the event; of all copies one does. */
  readonly speaks: boolean;
  /** A tombstone. */
  readonly gone: boolean;
  readonly kind: OccurrenceKind;
  readonly uid: string | null;
  readonly subject: string;
  readonly preview: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly allDay: boolean;
  readonly location: string;
  readonly organizer: string | null;
  readonly attendees: readonly Attendee[];
  /** The people behind `attendees`, in the same order. */
  readonly attendeePeople: readonly string[];
  /** Organizer, attendees, owner and the members of lists among them. */
  readonly audience: readonly string[];
  readonly myResponse: AttendeeResponse;
  readonly sensitivity: Sensitivity;
  readonly isMeeting: boolean;
  readonly isCancelled: boolean;
  readonly joinLinks: readonly string[];
}

export interface EventFacts {
  readonly eventId: string;
  /** By mailbox id. */
  readonly copies: readonly EventCopy[];
  /** Times by which it was planned before; null when nothing was ever planned. */
  readonly plannedStart: Date | null;
  readonly plannedEnd: Date | null;
}

/** What is wanted for one event. */
export interface ConferencePlan {
  readonly eventId: string;
  readonly wanted: 'own' | 'link' | 'none';
  readonly reason: string | null;
  readonly serverId: string | null;
  readonly ownerId: string | null;
  readonly topic: string | null;
  readonly description: string | null;
  readonly invitees: readonly Invitee[];
  readonly autoInvite: boolean;
  readonly seriesKey: string | null;
  readonly linkCid: string | null;
  readonly linkUrl: string | null;
  readonly runs: boolean;
  /** Unix ms, as all times here. */
  readonly startMs: number;
  readonly endMs: number;
  /** Infinity: never. */
  readonly createMs: number;
  readonly openMs: number;
  readonly giveUpMs: number;
}

/** Every copy of some events; ids of which nothing is known come back with no copies. */
export async function readEventFacts(db: Queryable, eventIds: readonly string[]): Promise<EventFacts[]> {
  return (await db.query(sql.readFacts, [eventIds])).rows;
}

/**
 * Takes over what is wanted; takes the lock of the change log, so to be called last in its transaction.
 * @returns how many wishes are new
 */
export async function planConferences(db: Queryable, actor: string, plans: readonly ConferencePlan[]): Promise<number> {
  if (plans.length === 0) return 0;
  return (await db.query(sql.plan, [actor, JSON.stringify(plans.map(asRow))])).rows[0]?.changed ?? 0;
}

/** Ids of everything that a full pass plans, page by page in order. @param after last id of the page before */
export async function listPlannableEvents(db: Queryable, after: string, most: number): Promise<string[]> {
  const { rows } = await db.query(sql.listPlannable, [after, most]);
  return rows.map((row) => row.eventId);
}

/** Ids of events that have just begun or begin within minutes, the earliest first. */
export async function listSoonestEvents(db: Queryable, most: number): Promise<string[]> {
  return (await db.query(sql.listSoonest, [most])).rows.map((row) => row.eventId);
}

/** Ids of events to come that name one of these people, page by page in order. */
export async function listEventsNaming(
  db: Queryable,
  addresses: readonly string[],
  after: string | null,
  most: number,
): Promise<string[]> {
  const { rows } = await db.query(sql.listTouched, [addresses, after ?? BEFORE_ALL_EVENTS, most]);
  return rows.map((row) => row.eventId);
}

/**
 * Since when launchers of this database start conferences; the first one that may do so makes it now.
 * @param mayLaunch false in a dry run and with `launchConference: false`
 * @returns null when none ever might
 */
export async function beginLaunching(db: Queryable, mayLaunch: boolean): Promise<Date | null> {
  return (await db.query(sql.beginLaunching, [mayLaunch])).rows[0]?.since ?? null;
}

function asRow(plan: ConferencePlan): Record<string, unknown> {
  return {
    event_id: plan.eventId,
    server_id: plan.serverId,
    wanted: plan.wanted,
    reason: plan.reason,
    owner_id: plan.ownerId,
    topic: plan.topic,
    description: plan.description,
    invitees: plan.invitees,
    auto_invite: plan.autoInvite,
    series_key: plan.seriesKey,
    link_cid: plan.linkCid,
    link_url: plan.linkUrl,
    runs: plan.runs,
    starts_at: timestamp(plan.startMs),
    ends_at: timestamp(plan.endMs),
    create_at: timestamp(plan.createMs),
    open_at: timestamp(plan.openMs),
    give_up_at: timestamp(plan.giveUpMs),
  };
}

function timestamp(ms: number): string {
  return ms === Number.POSITIVE_INFINITY ? 'infinity' : new Date(ms).toISOString();
}
