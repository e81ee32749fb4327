import { nullable, oneOf } from '../database/column-types.ts';
import { defineQuery, type Queryable } from '../database/query.ts';
import { CONFERENCE_STATE, type ConferenceState, INVITEES, type Invitee, WANTED } from './conference-columns.ts';

/** Steps that change the row only. */
export const LOCAL_STEPS = ['cancel', 'letGo', 'withdraw', 'adopt', 'revive', 'miss', 'close', 'acknowledge'] as const;
/** Steps that ask the server, most urgent first. */
export const SERVER_STEPS = ['run', 'checkRun', 'ring', 'stop', 'create', 'change', 'look', 'delete', 'watch'] as const;

const sql = {
  claim: defineQuery('conferences/claim', {
    params: ['uuid', 'text?', 'integer', 'double precision', 'boolean', 'boolean', 'text[]'],
    row: {
      eventId: 'uuid',
      token: 'double precision',
      step: oneOf(...LOCAL_STEPS, ...SERVER_STEPS),
      attempts: 'integer',
      openIntent: 'text?',
      openIntentServer: 'text?',
      openForMs: 'double precision?',
      serverId: 'text?',
      wanted: WANTED,
      reason: 'text?',
      ownerId: 'text?',
      topic: 'text?',
      description: 'text?',
      invitees: INVITEES,
      autoInvite: 'boolean',
      seriesKey: 'text?',
      linkCid: 'text?',
      linkUrl: 'text?',
      runs: 'boolean',
      startsAt: 'timestamptz',
      endsAt: 'timestamptz',
      openAt: 'timestamptz',
      wantedVersion: 'double precision',
      state: CONFERENCE_STATE,
      confirmed: 'boolean',
      life: 'integer',
      held: nullable(oneOf('own', 'link')),
      heldServer: 'text?',
      cid: 'text?',
      url: 'text?',
      appUrl: 'text?',
      mayRun: 'boolean?',
      recreated: 'boolean',
      invited: 'text[]',
      appliedVersion: 'double precision',
      failure: 'text?',
      updatedAt: 'timestamptz',
    },
  }),
  nextDue: defineQuery('conferences/next-due', {
    params: ['text?', 'boolean', 'boolean'],
    row: { dueMs: 'double precision?' },
  }),
  settle: defineQuery('conferences/settle', { params: ['uuid', 'text', 'jsonb'], row: { eventId: 'uuid' } }),
  renew: defineQuery('conferences/renew', { params: ['uuid', 'uuid', 'bigint', 'double precision'] }),
  overdue: defineQuery('conferences/overdue', { params: ['text[]', 'double precision'], row: { overdue: 'integer' } }),
  countHolders: defineQuery('conferences/count-holders', {
    params: ['text', 'text', 'uuid'],
    row: { holders: 'integer' },
  }),
  prune: defineQuery('conferences/prune', {
    params: ['integer', 'integer'],
    row: { conferences: 'integer', lines: 'integer' },
  }),
  salt: defineQuery('conferences/salt', { row: { salt: 'bytea' } }),
};

export type LocalStep = (typeof LOCAL_STEPS)[number];
export type ServerStep = (typeof SERVER_STEPS)[number];

/** What is there, as the runner alone writes it. */
export interface ActualConference {
  readonly state: ConferenceState;
  /** A running one was seen running. */
  readonly confirmed: boolean;
  readonly life: number;
  readonly held: 'own' | 'link' | null;
  readonly heldServer: string | null;
  readonly cid: string | null;
  readonly url: string | null;
  readonly appUrl: string | null;
  readonly mayRun: boolean | null;
  readonly recreated: boolean;
  /** TrueConf IDs on its list, or called into it. */
  readonly invited: readonly string[];
  readonly appliedVersion: number;
  readonly failure: string | null;
}

/** One conference with a step to be done, leased to its claimer. */
export interface ClaimedConference<Step extends LocalStep | ServerStep = LocalStep | ServerStep>
  extends ActualConference {
  readonly eventId: string;
  readonly token: number;
  readonly step: Step;
  /** Failures in a row before this. */
  readonly attempts: number;
  /** A step of an earlier claim whose request may have been sent and whose outcome nobody wrote. */
  readonly openIntent: string | null;
  readonly openIntentServer: string | null;
  /** How long ago that request was announced, milliseconds. */
  readonly openForMs: number | null;
  readonly serverId: string | null;
  readonly wanted: 'own' | 'link' | 'none';
  readonly reason: string | null;
  readonly ownerId: string | null;
  readonly topic: string | null;
  readonly description: string | null;
  readonly invitees: readonly Invitee[];
  readonly autoInvite: boolean;
  readonly seriesKey: string | null;
  readonly linkCid: string | null;
  readonly linkUrl: string | null;
  readonly runs: boolean;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly openAt: Date;
  readonly wantedVersion: number;
  readonly updatedAt: Date;
}

/** What decides which step a conference needs, besides its row. */
export interface StepRules {
  readonly stopOnCancel: boolean;
  readonly stopAfterEnd: boolean;
}

interface ConferenceClaim extends StepRules {
  /** Of this launcher's process. */
  readonly owner: string;
  readonly most: number;
  /** Milliseconds by the database's clock, beginning with the statement. */
  readonly leaseMs: number;
}

/**
 * Leases what is due now on a server by the database's clock, most urgent and earliest start first, and commits what is
 * about to be asked. Launchers that claim at the same time get different conferences.
 */
export async function claimConferences(
  db: Queryable,
  claim: ConferenceClaim & { readonly serverId: string },
): Promise<ClaimedConference<ServerStep>[]> {
  return claimSteps(db, claim.serverId, SERVER_STEPS, claim);
}

/** Leases the steps that are due now and ask no server, as `claimConferences` does the others. */
export async function claimLocalSteps(db: Queryable, claim: ConferenceClaim): Promise<ClaimedConference<LocalStep>[]> {
  return claimSteps(db, null, LOCAL_STEPS, claim);
}

async function claimSteps<Step extends LocalStep | ServerStep>(
  db: Queryable,
  serverId: string | null,
  steps: readonly Step[],
  { owner, most, leaseMs, stopOnCancel, stopAfterEnd }: ConferenceClaim,
): Promise<ClaimedConference<Step>[]> {
  const { rows } = await db.query(sql.claim, [owner, serverId, most, leaseMs, stopOnCancel, stopAfterEnd, steps]);
  return rows.map((row) => ({ ...row, step: oneAmong(steps, row.step) }));
}

function oneAmong<Step extends string>(steps: readonly Step[], claimed: string): Step {
  const found = steps.find((step) => step === claimed);
  if (found === undefined) throw new Error(`the step ${claimed} was claimed, and only ${steps.join(', ')} were wanted`);
  return found;
}

/** When the next step of a server's conferences (null: the steps that ask none) is due, unix ms; null: none is known. */
export async function nextConferenceDue(
  db: Queryable,
  serverId: string | null,
  rules: StepRules,
): Promise<number | null> {
  const values = [serverId, rules.stopOnCancel, rules.stopAfterEnd] as const;
  const { rows } = await db.query(sql.nextDue, values);
  return rows[0]?.dueMs ?? null;
}

/** A line of the proof. */
export interface ConferenceLogEntry {
  readonly serverId: string | null;
  readonly cid: string | null;
  readonly life: number;
  readonly action: string;
  readonly fromState: ConferenceState;
  readonly toState: ConferenceState;
  readonly dueAt: Date | null;
  readonly requestedAt: Date | null;
  readonly confirmedAt: Date | null;
  readonly latenessMs: number | null;
  readonly attempt: number;
  readonly reason: string | null;
}

/** How a claimed step came out. */
export interface ConferenceOutcome {
  readonly eventId: string;
  readonly token: number;
  /** The wish that was carried out; when it has moved on meanwhile, the conference is due again at once. */
  readonly wantedVersion: number;
  /** Absent: the conference is as it was. */
  readonly actual?: ActualConference;
  /** Stays open when it is not known whether the request had an effect. */
  readonly intent: string | null;
  /** Not again before this many milliseconds; null: whenever something is due. */
  readonly retryMs: number | null;
  readonly attempts: number;
  readonly log: readonly ConferenceLogEntry[];
}

/**
 * Writes outcomes in one call, each only if its claim was not taken over by another launcher.
 * @returns the events whose outcome was written
 */
export async function settleConferences(
  db: Queryable,
  owner: string,
  actor: string,
  outcomes: readonly ConferenceOutcome[],
): Promise<Set<string>> {
  const { rows } = await db.query(sql.settle, [owner, actor, JSON.stringify(outcomes.map(asRow))]);
  return new Set(rows.map((row) => row.eventId));
}

/** Makes a claim's lease last for another `leaseMs` from now. @returns false when somebody else has taken it over */
export async function renewConferenceClaim(
  db: Queryable,
  owner: string,
  claim: Pick<ClaimedConference, 'eventId' | 'token'>,
  leaseMs: number,
): Promise<boolean> {
  const { rowCount } = await db.query(sql.renew, [claim.eventId, owner, claim.token, leaseMs]);
  return rowCount === 1;
}

/** Starts that have been due for `graceMs` and that nobody is at work on; servers known to be away do not count. */
export async function countOverdueStarts(
  db: Queryable,
  serversAway: readonly string[],
  graceMs: number,
): Promise<number> {
  return (await db.query(sql.overdue, [serversAway, graceMs])).rows[0]?.overdue ?? 0;
}

/** How many other events that are not over live by the same conference (one for a series). */
export async function countConferenceHolders(
  db: Queryable,
  cid: string,
  serverId: string,
  eventId: string,
): Promise<number> {
  return (await db.query(sql.countHolders, [cid, serverId, eventId])).rows[0]?.holders ?? 0;
}

/** Most conferences, and lines of the log, that one call forgets, since the change log is locked meanwhile. */
const MOST_PRUNED = 500;

/**
 * Forgets what ended more than `keepDays` ago, with its log, a bounded part of it in each statement.
 * @returns how many conferences went
 */
export async function pruneConferences(db: Queryable, keepDays = 400): Promise<number> {
  for (let pruned = 0; ; ) {
    const { rows } = await db.query(sql.prune, [keepDays, MOST_PRUNED]);
    const { conferences, lines } = rows[0] ?? { conferences: 0, lines: 0 };
    pruned += conferences;
    if (Math.max(conferences, lines) < MOST_PRUNED) return pruned;
  }
}

/** The secret of this database from which conference ids are made. */
export async function readConferenceSalt(db: Queryable): Promise<Buffer> {
  const salt = (await db.query(sql.salt)).rows[0]?.salt;
  if (!salt) throw new Error('calendar.meta is empty: the calendar database was damaged; restore it from a backup');
  return salt;
}

function asRow(outcome: ConferenceOutcome): Record<string, unknown> {
  const { actual } = outcome;
  return {
    event_id: outcome.eventId,
    token: outcome.token,
    wanted_version: outcome.wantedVersion,
    intent: outcome.intent,
    retry_ms: outcome.retryMs,
    attempts: outcome.attempts,
    ...(actual && {
      actual: {
        state: actual.state,
        confirmed: actual.confirmed,
        life: actual.life,
        held: actual.held,
        held_server: actual.heldServer,
        cid: actual.cid,
        url: actual.url,
        app_url: actual.appUrl,
        may_run: actual.mayRun,
        recreated: actual.recreated,
        invited: actual.invited,
        applied_version: actual.appliedVersion,
        failure: actual.failure,
      },
    }),
    log: outcome.log.map((entry) => ({
      server_id: entry.serverId,
      cid: entry.cid,
      life: entry.life,
      action: entry.action,
      from_state: entry.fromState,
      to_state: entry.toState,
      due_at: entry.dueAt,
      requested_at: entry.requestedAt,
      confirmed_at: entry.confirmedAt,
      lateness_ms: entry.latenessMs,
      attempt: entry.attempt,
      reason: entry.reason,
    })),
  };
}
