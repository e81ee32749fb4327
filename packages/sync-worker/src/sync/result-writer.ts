import {
  applySyncChunk,
  type CalendarDatabase,
  type MailboxLease,
  MOST_ROWS_PER_APPLY,
  type SyncCompletion,
  type SyncedOccurrence,
} from 'calendar-db';
import { StaleLeaseError } from './stale-lease-error.ts';

/**
 * Writes what a sync finds, in chunks, as soon as there is enough for one: a sync that is cut short has not worked in
 * vain. The last chunk brings what is gone and the new sync state, and ends the lease.
 */
export class ResultWriter {
  readonly #database: CalendarDatabase;
  readonly #lease: MailboxLease;
  readonly #signal: AbortSignal;
  #waiting: SyncedOccurrence[] = [];
  #written = 0;

  constructor(database: CalendarDatabase, lease: MailboxLease, signal: AbortSignal) {
    this.#database = database;
    this.#lease = lease;
    this.#signal = signal;
  }

  /** Rows of the cache that were written. */
  get written(): number {
    return this.#written;
  }

  /** @throws StaleLeaseError when the lease is lost */
  async add(occurrences: readonly SyncedOccurrence[]): Promise<void> {
    this.#waiting.push(...occurrences);
    while (this.#waiting.length > MOST_ROWS_PER_APPLY) {
      await this.#apply(this.#waiting.splice(0, MOST_ROWS_PER_APPLY), [], null);
    }
  }

  /** Writes the rest. @throws StaleLeaseError when the lease is lost */
  async finish(gone: readonly string[], completion: SyncCompletion): Promise<void> {
    const occurrences = this.#waiting.splice(0);
    let left = [...gone];
    let room = MOST_ROWS_PER_APPLY - occurrences.length;
    while (left.length > room) {
      await this.#apply(occurrences.splice(0), left.slice(0, room), null);
      left = left.slice(room);
      room = MOST_ROWS_PER_APPLY;
    }
    await this.#apply(occurrences, left, completion);
  }

  async #apply(
    occurrences: readonly SyncedOccurrence[],
    gone: readonly string[],
    done: SyncCompletion | null,
  ): Promise<void> {
    this.#signal.throwIfAborted();
    const rows = await applySyncChunk(this.#database, this.#lease, { occurrences, gone, done });
    if (rows === null) throw new StaleLeaseError(this.#lease.address);
    this.#written += rows;
  }
}
