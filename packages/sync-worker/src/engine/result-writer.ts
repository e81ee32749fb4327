import { isDeepStrictEqual } from 'node:util';
import type { CalendarDatabase } from 'calendar-db/database';
import {
  applySyncChunk,
  type MailboxLease,
  MOST_ROWS_PER_APPLY,
  type SyncCompletion,
  type SyncedOccurrence,
} from 'calendar-db/sync';
import type { Attendee } from 'calendar-model';
import { StaleLeaseError } from './stale-lease-error.ts';

/** People named in the rows of one chunk: five hundred meetings of a whole department would be too much for one call. */
const MOST_PEOPLE_PER_APPLY = 10_000;
/** A list that several rows share is read once, and stored with each. */
const SHARE_OF_A_REPEATED_LIST = 0.1;

/**
 * Writes what a sync finds, in chunks, as soon as there is enough for one: a sync that is cut short has not worked in
 * vain. The last chunk brings what is gone and the new sync state, and ends the lease.
 */
export class ResultWriter {
  readonly #database: CalendarDatabase;
  readonly #lease: MailboxLease;
  readonly #signal: AbortSignal;
  /** By event id, so that a later one takes an earlier one's place: one call cannot write an event twice. */
  readonly #waiting = new Map<string, SyncedOccurrence>();
  /** Of the occurrence that came last. */
  #list: readonly Attendee[] = [];
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
    for (const occurrence of occurrences) this.#waiting.set(occurrence.eventId, this.#withSharedList(occurrence));
    for (let chunk = this.#chunk(); chunk.length < this.#waiting.size; chunk = this.#chunk()) {
      for (const { eventId } of chunk) this.#waiting.delete(eventId);
      await this.#apply(chunk, [], null);
    }
  }

  /** Writes what waits, and goes on. @throws StaleLeaseError when the lease is lost */
  async flush(): Promise<void> {
    const occurrences = [...this.#waiting.values()];
    this.#waiting.clear();
    if (occurrences.length > 0) await this.#apply(occurrences, [], null);
  }

  /** Writes the rest. @throws StaleLeaseError when the lease is lost */
  async finish(gone: readonly string[], completion: SyncCompletion): Promise<void> {
    const occurrences = [...this.#waiting.values()];
    this.#waiting.clear();
    let left = [...gone];
    let room = MOST_ROWS_PER_APPLY - occurrences.length;
    while (left.length > room) {
      await this.#apply(occurrences.splice(0), left.slice(0, room), null);
      left = left.slice(room);
      room = MOST_ROWS_PER_APPLY;
    }
    await this.#apply(occurrences, left, completion);
  }

  /** Occurrences of a series come one after the other, and nearly always have the same attendees. */
  #withSharedList(occurrence: SyncedOccurrence): SyncedOccurrence {
    if (isDeepStrictEqual(occurrence.attendees, this.#list)) return { ...occurrence, attendees: this.#list };
    this.#list = occurrence.attendees;
    return occurrence;
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

  /** The first that wait, at least one, as many as one call may write. */
  #chunk(): SyncedOccurrence[] {
    const chunk: SyncedOccurrence[] = [];
    let people = 0;
    for (const occurrence of this.#waiting.values()) {
      const { attendees } = occurrence;
      people += attendees.length * (attendees === chunk.at(-1)?.attendees ? SHARE_OF_A_REPEATED_LIST : 1);
      if (chunk.length === MOST_ROWS_PER_APPLY || (chunk.length > 0 && people > MOST_PEOPLE_PER_APPLY)) break;
      chunk.push(occurrence);
    }
    return chunk;
  }
}
