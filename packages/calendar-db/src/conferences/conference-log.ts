import type { Queryable } from '../database/database.ts';
import { sqlFile } from '../database/sql-file.ts';
import type { ConferenceState, Invitee } from './conferences.ts';

const sql = {
  listStarts: sqlFile('conferences/list-starts'),
  listPlanned: sqlFile('conferences/list-planned'),
  listLog: sqlFile('conferences/list-log'),
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
  return (await db.query<ConferenceLogRow & Record<string, unknown>>(sql.listStarts, [since])).rows;
}

/** What begins before `until` and is not over, with what will be done about it or why nothing will be. */
export async function listPlanned(db: Queryable, until: Date): Promise<PlannedConference[]> {
  return (await db.query<PlannedConference & Record<string, unknown>>(sql.listPlanned, [until])).rows;
}

/** Everything that was ever done about one event's conference, oldest first. */
export async function listConferenceLog(db: Queryable, eventId: string): Promise<ConferenceLogRow[]> {
  return (await db.query<ConferenceLogRow & Record<string, unknown>>(sql.listLog, [eventId])).rows;
}
