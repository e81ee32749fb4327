import type { Queryable } from 'calendar-db/database';
import { forgetExpiredSignIns } from 'calendar-db/sign-in';
import { type Logger, type RunningState, runLoop, type Service } from 'worker-kit';

const EVERY_MS = 600_000;

export interface SignInHousekeepingOptions {
  readonly database: Queryable;
  readonly running: RunningState;
  readonly log: Logger;
}

/** Deletes refresh tokens and counts of wrong passwords that have expired. */
export class SignInHousekeeping implements Service {
  readonly id = 'sign-in housekeeping';
  readonly #options: SignInHousekeepingOptions;

  constructor(options: SignInHousekeepingOptions) {
    this.#options = options;
  }

  run(): Promise<void> {
    const { database, running, log } = this.#options;
    return runLoop(running, log, { name: this.id, every: EVERY_MS, once: () => forgetExpiredSignIns(database) });
  }

  stop(): void {
    this.#options.running.stop();
  }
}
