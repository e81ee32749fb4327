import { type ConferenceOutcome, settleConferences } from 'calendar-db/conferences';
import type { Queryable } from 'calendar-db/database';
import type { Logger, RunningState } from 'worker-kit';

const MOST_AT_ONCE = 200;

export interface OutcomeWriterOptions {
  readonly database: Queryable;
  readonly running: RunningState;
  readonly log: Logger;
  /** Of this launcher's claims. */
  readonly owner: string;
  /** Host and instance, for the log of conferences. */
  readonly actor: string;
}

interface Waiting {
  readonly outcome: ConferenceOutcome;
  readonly written: (isMine: boolean) => void;
}

/**
 * Writes outcomes together: while one call is under way, the next ones gather. An outcome is written late rather than
 * never, since its token keeps it from undoing anything.
 */
export class OutcomeWriter {
  readonly #options: OutcomeWriterOptions;
  readonly #running: RunningState;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;

  constructor(options: OutcomeWriterOptions) {
    this.#options = options;
    this.#running = options.running.child('outcome writer');
  }

  /** @returns whether it was written; false when another launcher has taken the conference over, or on abort */
  write(outcome: ConferenceOutcome): Promise<boolean> {
    return new Promise((written) => {
      this.#waiting.push({ outcome, written });
      this.#writing ??= this.#writeAll();
    });
  }

  async #writeAll(): Promise<void> {
    const { database, owner, actor } = this.#options;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, MOST_AT_ONCE);
      try {
        const outcomes = batch.map(({ outcome }) => outcome);
        const mine = await settleConferences(database, owner, actor, outcomes);
        this.#waiting.splice(0, batch.length);
        for (const { outcome, written } of batch) written(mine.has(outcome.eventId));
        this.#running.resetBackoff();
      } catch (error) {
        if (!(await this.#waitAfter(error))) break;
      }
    }
    this.#writing = undefined;
  }

  /** @returns whether to try again */
  async #waitAfter(error: unknown): Promise<boolean> {
    if (this.#running.shouldRun()) await this.#running.backoff(error);
    // While draining the database gets its chances as well, until the kit's patience ends.
    else await new Promise((resolve) => setTimeout(resolve, 200));
    if (!this.#running.aborting.aborted) return true;
    const count = this.#waiting.length;
    this.#options.log.warn('runner.outcomes-dropped', 'outcomes were not written; their claims end by themselves', {
      count,
    });
    for (const { written } of this.#waiting.splice(0)) written(false);
    return false;
  }
}
