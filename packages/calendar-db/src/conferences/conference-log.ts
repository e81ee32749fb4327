import { nullable } from '../database/column-types.ts';
import { defineQuery, type Queryable } from '../database/query.ts';
import { CONFERENCE_STATE, type ConferenceState, INVITEES, type Invitee, WANTED } from './conference-columns.ts';

const sql = {
  listStarts: defineQuery('conferences/list-starts', {
    params: ['timestamptz'],
    row: {
      eventId: 'uuid',
      serverId: 'text?',
      cid: 'text?',
      life: 'integer',
      action: 'text',
      state: CONFERENCE_STATE,
      dueAt: 'timestamptz?',
      requestedAt: 'timestamptz?',
      confirmedAt: 'timestamptz?',
      latenessMs: 'double precision?',
      attempt: 'integer',
      actor: 'text',
      reason: 'text?',
      at: 'timestamptz',
    },
  }),
  listPlanned: defineQuery('conferences/list-planned', {
    params: ['timestamptz'],
    row: {
      eventId: 'uuid',
      serverId: 'text?',
      wanted: WANTED,
      reason: 'text?',
      state: CONFERENCE_STATE,
      failure: 'text?',
      ownerId: 'text?',
      cid: 'text?',
      url: 'text?',
      runs: 'boolean',
      invitees: INVITEES,
      startsAt: 'timestamptz',
      endsAt: 'timestamptz',
      openAt: 'timestamptz',
    },
  }),
  listLog: defineQuery('conferences/list-log', {
    params: ['uuid'],
    row: {
      eventId: 'uuid',
      serverId: 'text?',
      cid: 'text?',
      life: 'integer',
      action: 'text',
      fromState: nullable(CONFERENCE_STATE),
      state: CONFERENCE_STATE,
      dueAt: 'timestamptz?',
      requestedAt: 'timestamptz?',
      confirmedAt: 'timestamptz?',
      latenessMs: 'double precision?',
      attempt: 'integer',
      actor: 'text',
      reason: 'text?',
      at: 'timestamptz',
    },
  }),
};

/** What was done about a conference, when, and how late. */
export interface ConferenceLogRow {
  readonly eventId: string;
  readonly serverId: string | null;
  readonly cid: string | null;
  readonly life: number;
  readonly action: string;
  /** The state that it led to. */
  readonly state: ConferenceState;
  readonly dueAt: Date | null;
  readonly requestedAt: Date | null;
  readonly confirmedAt: Date | null;
  readonly latenessMs: number | null;
  readonly attempt: number;
  /** Host and instance of the launcher. */
  readonly actor: string;
  readonly reason: string | null;
  readonly at: Date;
}

/** A conference to come as it is planned. */
interface PlannedConference {
  readonly eventId: string;
  readonly serverId: string | null;
  readonly wanted: 'own' | 'link' | 'none';
  readonly reason: string | null;
  readonly state: ConferenceState;
  readonly failure: string | null;
  readonly ownerId: string | null;
  readonly cid: string | null;
  readonly url: string | null;
  readonly runs: boolean;
  readonly invitees: readonly Invitee[];
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly openAt: Date;
}

/** Starts and attempts to start since then, oldest first, with those that were missed. */
export async function listStarts(db: Queryable, since: Date): Promise<ConferenceLogRow[]> {
  return (await db.query(sql.listStarts, [since])).rows;
}

/** What begins before `until` and is not over, with what will be done about it or why nothing will be. */
export async function listPlanned(db: Queryable, until: Date): Promise<PlannedConference[]> {
  return (await db.query(sql.listPlanned, [until])).rows;
}

/** Everything that was ever done about one event's conference, oldest first. */
export async function listConferenceLog(db: Queryable, eventId: string): Promise<ConferenceLogRow[]> {
  return (await db.query(sql.listLog, [eventId])).rows;
}
