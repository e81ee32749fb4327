import { claimConferences, nextConferenceDue, type StepRules } from 'calendar-db/conferences';
import type { Queryable } from 'calendar-db/database';
import type { ConferencesConfig } from 'connector-config';
import { type DatabaseClock, type Logger, type RunningState, runLoop, spreadInterval } from 'worker-kit';
import type { TrueConfServer } from '../trueconf-server.ts';
import { LEASE_MS } from './step-lease.ts';
import type { ConferenceSteps } from './step-runner.ts';

/** Connections to database and server are used shortly before they have to be quick. */
const WARM_BEFORE_MS = 250;
/** Something is due that another launcher has just taken. */
const TAKEN_MS = 5;
/** A clock that is not quite right must not oversleep for long. */
const LONGEST_SLEEP_MS = 30_000;

export interface ServerRunnerOptions {
  readonly server: TrueConfServer;
  readonly steps: ConferenceSteps;
  readonly database: Queryable;
  readonly clock: DatabaseClock;
  readonly running: RunningState;
  readonly log: Logger;
  readonly owner: string;
  readonly conferences: () => ConferencesConfig;
}

/**
 * Does what is due on one server when it is due: claims as much as the server's budget can send at once, and sleeps
 * exactly until the next is due. Nothing is claimed ahead of its time.
 */
export class ServerRunner {
  readonly #options: ServerRunnerOptions;
  readonly #running: RunningState;
  readonly #underWay = new Set<Promise<unknown>>();
  #warmedFor: number | null = null;

  constructor(options: ServerRunnerOptions) {
    this.#options = options;
    this.#running = options.running.child(`runner of ${options.server.serverId}`);
  }

  async run(): Promise<void> {
    const name = `runner of ${this.#options.server.serverId}`;
    await runLoop(this.#running, this.#options.log, { name, every: 0, once: () => this.#once() });
    await Promise.all(this.#underWay);
  }

  stop(): void {
    this.#running.stop();
  }

  /** Something may be due. */
  wake(): void {
    this.#running.wake();
  }

  async #once(): Promise<void> {
    const { server, database, conferences } = this.#options;
    if (conferences().dryRun) return this.#running.sleep(this.#safetyMs());
    const free = server.condition.allow(server.budget.free());
    if (free === 0) return this.#running.sleep(this.#untilFree());
    const claimed = await this.#claim(free);
    if (claimed === free) return;
    const due = await nextConferenceDue(database, server.serverId, this.#rules());
    await this.#sleepUntil(due, claimed);
  }

  async #claim(most: number): Promise<number> {
    const { server, database, owner, steps } = this.#options;
    const claimedAt = performance.now();
    const request = { owner, serverId: server.serverId, most, leaseMs: LEASE_MS, ...this.#rules() };
    const claimed = await claimConferences(database, request);
    for (const work of claimed) {
      const performed = steps.perform(work, claimedAt).finally(() => {
        this.#underWay.delete(performed);
        this.wake();
      });
      this.#underWay.add(performed);
    }
    return claimed.length;
  }

  /** Requests that end, and time, make room. */
  #untilFree(): number {
    const { condition, budget } = this.#options.server;
    const ms = Math.max(condition.heldMs, budget.freeInMs());
    return ms > 0 ? Math.ceil(ms) : LONGEST_SLEEP_MS;
  }

  async #sleepUntil(due: number | null, claimed: number): Promise<void> {
    const { clock, server } = this.#options;
    if (due === null) return this.#running.sleep(this.#safetyMs());
    const wait = due - clock.now();
    if (wait <= 0) return this.#running.sleep(claimed > 0 ? 0 : TAKEN_MS);
    if (wait > 2 * WARM_BEFORE_MS)
      return this.#running.sleep(Math.min(wait - WARM_BEFORE_MS, spreadInterval(LONGEST_SLEEP_MS)));
    if (this.#warmedFor !== due) {
      this.#warmedFor = due;
      void server.warmUp();
    }
    return this.#running.sleep(Math.ceil(wait));
  }

  #rules(): StepRules {
    const { stopOnCancel, stopAfterEnd } = this.#options.conferences();
    return { stopOnCancel, stopAfterEnd };
  }

  #safetyMs(): number {
    return spreadInterval(this.#options.conferences().safetyPollMs || Number.POSITIVE_INFINITY);
  }
}
