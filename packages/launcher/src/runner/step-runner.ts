import {
  type ClaimedConference,
  type ConferenceOutcome,
  countConferenceHolders,
  renewConferenceClaim,
  type ServerStep,
} from 'calendar-db/conferences';
import type { Queryable } from 'calendar-db/database';
import type { ConferencesConfig } from 'connector-config';
import { TrueConfError } from 'trueconf-client';
import type { DatabaseClock, Logger } from 'worker-kit';
import type { LauncherMetrics } from '../launcher-metrics.ts';
import { type TrueConfServer, wasNotSent } from '../trueconf-server.ts';
import { again, type RequestTimes, startDue } from './outcome.ts';
import type { OutcomeWriter } from './outcome-writer.ts';
import { LEASE_MS, LeaseLostError, StepLease } from './step-lease.ts';
import type { StepRunner, StepTools } from './step-tools.ts';
import { changeConference } from './steps/change-conference.ts';
import { createConference } from './steps/create-conference.ts';
import { deleteConference } from './steps/delete-conference.ts';
import { lookAtLink } from './steps/look-at-link.ts';
import { ringParticipants } from './steps/ring-participants.ts';
import { checkRun, runConference } from './steps/run-conference.ts';
import { stopConference, watchConference } from './steps/watch-conference.ts';

const STEPS: { readonly [Step in ServerStep]: StepRunner } = {
  run: runConference,
  checkRun,
  ring: ringParticipants,
  stop: stopConference,
  create: createConference,
  change: changeConference,
  look: lookAtLink,
  delete: deleteConference,
  watch: watchConference,
};

export interface StepRunnerOptions {
  readonly server: TrueConfServer;
  readonly database: Queryable;
  readonly clock: DatabaseClock;
  readonly log: Logger;
  readonly owner: string;
  readonly salt: Uint8Array;
  readonly conferences: () => ConferencesConfig;
  readonly writer: OutcomeWriter;
  readonly metrics: LauncherMetrics;
}

/** Carries claimed conferences' steps out on one server, from the claim to the written outcome. */
export class ConferenceSteps {
  readonly #options: StepRunnerOptions;

  constructor(options: StepRunnerOptions) {
    this.#options = options;
  }

  /**
   * @param claimedAt steady time before the claim was asked for
   * @returns whether an outcome was written; never throws
   */
  async perform(work: ClaimedConference<ServerStep>, claimedAt: number): Promise<boolean> {
    const outcome = await this.#attempt(work, claimedAt);
    if (outcome === null) return false;
    this.#count(work, outcome);
    return this.#options.writer.write(outcome);
  }

  async #attempt(work: ClaimedConference<ServerStep>, claimedAt: number): Promise<ConferenceOutcome | null> {
    const { log, database, owner } = this.#options;
    const lease = new StepLease(claimedAt, () => renewConferenceClaim(database, owner, work, LEASE_MS));
    const trace = new RequestTrace(this.#options.clock);
    try {
      return await STEPS[work.step](work, this.#tools(work, lease, trace));
    } catch (error) {
      if (error instanceof LeaseLostError) {
        log.info('runner.taken-over', error.message, { eventId: work.eventId, step: work.step });
        return null;
      }
      this.#tell(work, error);
      const unresolved = work.step === 'checkRun' || trace.mayHaveActed;
      const isStart = work.step === 'run' || work.step === 'checkRun';
      const reason = error instanceof TrueConfError ? (error.reason ?? error.code) : null;
      return again(work, { unresolved, reason, times: isStart && trace.mayHaveActed ? trace.times() : undefined });
    }
  }

  #tools(work: ClaimedConference, lease: StepLease, trace: RequestTrace): StepTools {
    const { server, conferences, database, clock, salt } = this.#options;
    const { schedule, stopOnCancel } = conferences();
    const { serverId, host } = server;
    return {
      ...{ serverId, host, salt, schedule, stopOnCancel },
      now: () => clock.now(),
      request: (purpose, call) => trace.around((sent) => server.request(purpose, call, lease, sent)),
      times: () => trace.times(),
      otherHolders: () => countConferenceHolders(database, work.cid ?? '', work.heldServer ?? '', work.eventId),
    };
  }

  /** Failures of the server as a whole are told once by its condition. */
  #tell(work: ClaimedConference, error: unknown): void {
    const { log, server } = this.#options;
    const fields = { eventId: work.eventId, serverId: server.serverId, step: work.step, attempt: work.attempts + 1 };
    if (!(error instanceof TrueConfError)) {
      const message = `${work.step} of a conference could not be carried out and is tried again`;
      log.warn('runner.step-failed', message, { ...fields, error });
    } else if (server.condition.down === null) {
      log.info('runner.step-failed', `${error.message}; it is tried again`, { ...fields, error });
    }
  }

  #count(work: ClaimedConference, { actual, log }: ConferenceOutcome): void {
    const { metrics, server } = this.#options;
    const result = actual === undefined ? 'again' : actual.state;
    metrics.steps.inc({ server: server.serverId, step: work.step, result });
    const requestedAt = log[0]?.requestedAt;
    if (work.step !== 'run' || actual?.state !== 'running' || !requestedAt) return;
    metrics.startLateness.observe((requestedAt.getTime() - startDue(work).getTime()) / 1000);
  }
}

/** What was sent for one step, and when the last of it was. */
class RequestTrace {
  readonly #clock: DatabaseClock;
  #requestedAt: number | undefined;
  #confirmedAt: number | undefined;
  /** Something may have reached the server. */
  mayHaveActed = false;

  constructor(clock: DatabaseClock) {
    this.#clock = clock;
  }

  async around<Result>(request: (sent: () => void) => Promise<Result>): Promise<Result> {
    try {
      const result = await request(() => {
        this.#requestedAt = this.#clock.now();
        this.#confirmedAt = undefined;
      });
      this.mayHaveActed = true;
      this.#confirmedAt = this.#clock.now();
      return result;
    } catch (error) {
      if (!wasNotSent(error)) this.mayHaveActed = true;
      throw error;
    }
  }

  times(): RequestTimes | undefined {
    if (this.#requestedAt === undefined) return undefined;
    const confirmedAt = this.#confirmedAt === undefined ? null : new Date(this.#confirmedAt);
    return { requestedAt: new Date(this.#requestedAt), confirmedAt };
  }
}
