import type {
  ActualConference,
  ClaimedConference,
  ConferenceLogEntry,
  ConferenceOutcome,
} from 'calendar-db/conferences';
import { nextState, type Trigger } from '../conference-states.ts';

/** When a request was sent and answered, by the database's clock; null: there was none. */
export interface RequestTimes {
  readonly requestedAt: Date;
  readonly confirmedAt: Date | null;
}

export interface OutcomeNotes {
  readonly times?: RequestTimes | undefined;
  readonly reason?: string | null;
  /** Not again before this many milliseconds. */
  readonly retryMs?: number | null;
}

/** Longest pause between attempts: a start must come soon after a server is back. */
const LONGEST_RETRY_MS = 15_000;
const FIRST_RETRY_MS = 250;

/** The step came out: the conference goes on along `trigger`, with `change` to what is there. */
export function moved(
  work: ClaimedConference,
  trigger: Trigger,
  change: Partial<Omit<ActualConference, 'state'>>,
  notes: OutcomeNotes = {},
): ConferenceOutcome {
  const actual: ActualConference = { ...actualOf(work), ...change, state: nextState(work.state, trigger) };
  return {
    ...outcomeOf(work),
    actual,
    intent: null,
    retryMs: notes.retryMs ?? null,
    attempts: 0,
    log: [logEntry(work, actual, notes)],
  };
}

/**
 * The step is to be tried again. With `unresolved` its request may have had an effect, which whoever comes next has to
 * find out first.
 */
export function again(
  work: ClaimedConference,
  { unresolved, ...notes }: OutcomeNotes & { readonly unresolved: boolean },
): ConferenceOutcome {
  return {
    ...outcomeOf(work),
    intent: unresolved ? openIntent(work) : null,
    retryMs: notes.retryMs ?? retryDelayMs(work.attempts),
    attempts: work.attempts + 1,
    log: notes.times ? [logEntry(work, actualOf(work), notes)] : [],
  };
}

/** 250 ms, doubling up to 15 s, each less up to a quarter by chance. */
function retryDelayMs(attempts: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts, 10)) * (1 - Math.random() / 4);
}

/** What a look at an open run leaves open is still the run. */
function openIntent(work: ClaimedConference): string | null {
  return work.step === 'checkRun' ? work.openIntent : work.step;
}

function outcomeOf({ eventId, token, wantedVersion }: ClaimedConference) {
  return { eventId, token, wantedVersion };
}

function actualOf(work: ClaimedConference): ActualConference {
  return {
    state: work.state,
    confirmed: work.confirmed,
    life: work.life,
    held: work.held,
    heldServer: work.heldServer,
    cid: work.cid,
    url: work.url,
    appUrl: work.appUrl,
    mayRun: work.mayRun,
    recreated: work.recreated,
    invited: work.invited,
    appliedVersion: work.appliedVersion,
    failure: work.failure,
  };
}

function logEntry(work: ClaimedConference, actual: ActualConference, notes: OutcomeNotes): ConferenceLogEntry {
  const isStart = work.step === 'run' || work.step === 'checkRun';
  const dueAt = isStart ? startDue(work) : null;
  const requestedAt = notes.times?.requestedAt ?? null;
  return {
    serverId: actual.heldServer ?? work.heldServer ?? work.serverId,
    cid: actual.cid ?? work.cid,
    life: actual.life,
    action: work.step,
    fromState: work.state,
    toState: actual.state,
    dueAt,
    requestedAt,
    confirmedAt: notes.times?.confirmedAt ?? null,
    latenessMs: dueAt && requestedAt && work.step === 'run' ? requestedAt.getTime() - dueAt.getTime() : null,
    attempt: work.attempts + 1,
    reason: notes.reason ?? null,
  };
}

/** A conference that came into being after its opening time is due from then on. */
export function startDue({ openAt, updatedAt }: ClaimedConference): Date {
  return updatedAt > openAt ? updatedAt : openAt;
}
