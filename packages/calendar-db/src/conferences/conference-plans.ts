import type { Attendee, AttendeeResponse, OccurrenceKind, Sensitivity } from 'calendar-model';
import { z } from 'zod';
import { json, nullable, oneOf } from '../database/column-types.ts';
import { defineQuery, type Queryable } from '../database/query.ts';
import type { DetailsState } from '../sync/sync-results.ts';
import { ATTENDEE, OCCURRENCE_KINDS, RESPONSES, SENSITIVITIES } from '../views/event-columns.ts';
import type { Invitee } from './conference-columns.ts';

const SPEAKING_COPY = z.strictObject({
  mailboxId: z.number(),
  owner: z.string(),
  isOrganizerCopy: z.boolean(),
  gone: z.boolean(),
  details: z.enum(['read', 'kept', 'missing']),
  isDuplicate: z.boolean(),
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

const OTHER_COPY = z.strictObject({
  mailboxId: z.number(),
  owner: z.string(),
  organizer: z.string().nullable(),
  holder: z.enum(['person', 'room']),
  response: z.enum(RESPONSES),
  isLive: z.boolean(),
});

const sql = {
  readFacts: defineQuery('conferences/read-facts', {
    params: ['uuid[]', 'double precision', 'double precision'],
    row: {
      eventId: 'uuid',
      bytes: 'integer',
      isOversized: 'boolean',
      speaking: nullable(json(SPEAKING_COPY)),
      others: json(z.array(OTHER_COPY)),
      plannedStart: 'timestamptz?',
      plannedEnd: 'timestamptz?',
      plannedWish: nullable(oneOf('own', 'link', 'none')),
    },
  }),
  plan: defineQuery('conferences/plan', { params: ['text', 'jsonb'], row: { changed: 'integer' } }),
  listPlannable: defineQuery('conferences/list-plannable', { params: ['uuid', 'integer'], row: { eventId: 'uuid' } }),
  listSoonest: defineQuery('conferences/list-soonest', { params: ['integer'], row: { eventId: 'uuid' } }),
  listTouched: defineQuery('conferences/list-touched', { params: ['text[]'], row: { eventId: 'uuid' } }),
  beginLaunching: defineQuery('conferences/begin-launching', { params: ['boolean'], row: { since: 'timestamptz?' } }),
};

/** An event id that is less than those of all events. */
export const BEFORE_ALL_EVENTS = '00000000-0000-0000-0000-000000000000';

/** The copy that speaks for an event, as far as a conference depends on it. People are canonical addresses. */
export interface SpeakingCopy {
  readonly mailboxId: number;
  /** Whose mailbox. */
  readonly owner: string;
  readonly isOrganizerCopy: boolean;
  /** A tombstone. */
  readonly gone: boolean;
  /** `missing`: who takes part, text and links were never read. */
  readonly details: DetailsState;
  /** Another meeting of its mailbox has the same UID and key; see `event.duplicate_of`. */
  readonly isDuplicate: boolean;
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

/** A copy that does not speak: what it says of its mailbox, and nothing of the event. */
export interface OtherCopy {
  readonly mailboxId: number;
  /** Canonical address of the mailbox. */
  readonly owner: string;
  /** Whom this copy names as organizer; null where its content is not kept. */
  readonly organizer: string | null;
  /** Whether a person or a room has the mailbox. */
  readonly holder: 'person' | 'room';
  /** The mailbox's own answer; `organizer` in a copy of the organizer's, and in no other. */
  readonly response: AttendeeResponse;
  /** False: a tombstone, or cancelled. */
  readonly isLive: boolean;
}

/** All that is known of one event. */
export interface EventFacts {
  readonly eventId: string;
  /** Length of the JSON text of the copies. */
  readonly bytes: number;
  /** It is longer than was asked for: the copies were not read. */
  readonly isOversized: boolean;
  /** null: no copy is left. */
  readonly speaking: SpeakingCopy | null;
  /** By mailbox id. */
  readonly others: readonly OtherCopy[];
  /** Times by which it was planned before; null when nothing was ever planned. */
  readonly plannedStart: Date | null;
  readonly plannedEnd: Date | null;
  /** What was wanted for it before. */
  readonly plannedWish: ConferencePlan['wanted'] | null;
}

/** How much is read at once, in bytes of JSON text. */
export interface FactsLimits {
  /** Of all events together. */
  readonly batchBytes: number;
  /** Of one event. */
  readonly eventBytes: number;
}

const NO_LIMITS: FactsLimits = { batchBytes: Number.POSITIVE_INFINITY, eventBytes: Number.POSITIVE_INFINITY };

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

/**
 * What is known of some events.
 * @returns the facts of the first events, in the order given: as many as `batchBytes` holds, and one at least. Ids of which
 * nothing is known come back without copies
 */
export async function readEventFacts(
  db: Queryable,
  eventIds: readonly string[],
  { batchBytes, eventBytes }: FactsLimits = NO_LIMITS,
): Promise<EventFacts[]> {
  return (await db.query(sql.readFacts, [eventIds, batchBytes, eventBytes])).rows;
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

/** Ids of all events to come that name one of these people, those that begin soonest first. */
export async function listEventsNaming(db: Queryable, addresses: readonly string[]): Promise<string[]> {
  return (await db.query(sql.listTouched, [addresses])).rows.map((row) => row.eventId);
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
