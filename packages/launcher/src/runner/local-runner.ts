import { claimLocalSteps, nextConferenceDue } from 'calendar-db/conferences';
import type { Queryable } from 'calendar-db/database';
import type { ConferencesConfig } from 'connector-config';
import { type DatabaseClock, type Logger, type RunningState, runLoop, spreadInterval } from 'worker-kit';
import type { OutcomeWriter } from './outcome-writer.ts';
import { LEASE_MS } from './step-lease.ts';
import { localStep } from './steps/local-steps.ts';

const MOST_AT_ONCE = 200;
const LONGEST_SLEEP_MS = 30_000;
/** Something is due that another launcher has just taken. */
const TAKEN_MS = 5;

export interface LocalRunnerOptions {
  readonly database: Queryable;
  readonly clock: DatabaseClock;
  readonly running: RunningState;
  readonly log: Logger;
  readonly owner: string;
  readonly salt: Uint8Array;
  readonly conferences: () => ConferencesConfig;
  readonly writer: OutcomeWriter;
  /** Conferences moved on: their servers' runners may have something to do. */
  readonly onMoved: () => void;
}

/** Takes the steps that ask no server, whichever server a conference belongs to, also one that nobody talks to. */
export class LocalRunner {
  readonly #options: LocalRunnerOptions;
  readonly #running: RunningState;

  constructor(options: LocalRunnerOptions) {
    this.#options = options;
    this.#running = options.running.child('local runner');
  }

  async run(): Promise<void> {
    const { log } = this.#options;
    await runLoop(this.#running, log, { name: 'local runner', every: 0, once: () => this.#once() });
  }

  stop(): void {
    this.#running.stop();
  }

  wake(): void {
    this.#running.wake();
  }

  async #once(): Promise<void> {
    const { database, owner, conferences, clock } = this.#options;
    const { stopOnCancel, stopAfterEnd, safetyPollMs } = conferences();
    const rules = { stopOnCancel, stopAfterEnd };
    const claim = { owner, most: MOST_AT_ONCE, leaseMs: LEASE_MS, ...rules };
    const claimed = await claimLocalSteps(database, claim);
    if (claimed.length > 0) {
      const facts = { salt: this.#options.salt, now: clock.now() };
      const outcomes = claimed.map((work) => localStep(work, facts));
      await Promise.all(outcomes.map((outcome) => this.#options.writer.write(outcome)));
      this.#options.onMoved();
      return;
    }
    const due = await nextConferenceDue(database, null, rules);
    const safetyMs = spreadInterval(safetyPollMs || Number.POSITIVE_INFINITY);
    if (due === null) return this.#running.sleep(safetyMs);
    const wait = due - clock.now();
    await this.#running.sleep(wait <= 0 ? TAKEN_MS : Math.min(Math.ceil(wait), spreadInterval(LONGEST_SLEEP_MS)));
  }
}
