import {
  applySyncChunk,
  type CalendarDatabase,
  type MailboxLease,
  MOST_ROWS_PER_APPLY,
  type SyncCompletion,
  type SyncedOccurrence,
} from 'calendar-db';
import { StaleLeaseError } from './stale-lease-error.ts';

/** People named in the rows of one chunk: five hundred meetings of a whole department would be too much for one call. */
const MOST_PEOPLE_PER_APPLY = 10_000;

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
    for (let count = chunkLength(this.#waiting); count < this.#waiting.length; count = chunkLength(this.#waiting)) {
      await this.#apply(this.#waiting.splice(0, count), [], null);
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

/** How many of some occurrences, at least one, make a chunk. */
function chunkLength(occurrences: readonly SyncedOccurrence[]): number {
  let people = 0;
  for (const [place, { attendees }] of occurrences.entries()) {
    people += attendees.length;
    if (place > 0 && (place === MOST_ROWS_PER_APPLY || people > MOST_PEOPLE_PER_APPLY)) return place;
  }
  return occurrences.length;
}
