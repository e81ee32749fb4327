import { createHash } from 'node:crypto';
import type { CachedOccurrence, SyncedOccurrence } from 'calendar-db/sync';
import type { CalendarWindow } from 'calendar-model';

/** What stays in memory of every event of a mailbox while it is synchronized: some 150 bytes. */
interface Version {
  readonly item: string;
  readonly modified: number;
}

/**
 * Reduces the occurrences of a calendar to one per event id, whatever the order in which they come: the one changed last
 * wins. A series that was imported twice, for instance, has two items for each event.
 */
export class NewestOccurrences {
  readonly #newest = new Map<string, Version>();
  readonly #waiting: SyncedOccurrence[] = [];
  #duplicates = 0;

  /** Occurrences that lost to a later changed one, so far. */
  get duplicates(): number {
    return this.#duplicates;
  }

  has(eventId: string): boolean {
    return this.#newest.has(eventId);
  }

  /** What the cache holds and the view still shows. */
  keep(unchanged: readonly CachedOccurrence[]): void {
    for (const row of unchanged) this.#newest.set(row.eventId, versionOf(row));
  }

  /**
   * Those of some occurrences that are to be written: the newest of their events among all that came so far. One that is
   * older than what the cache holds of its event, from an item that a part yet to come may show, waits for the end: two
   * items of one event must not take turns in the cache.
   *
   * @param cached what the cache holds of these events @param part the part of the window that showed them
   */
  take(
    occurrences: readonly SyncedOccurrence[],
    cached: readonly CachedOccurrence[],
    part: CalendarWindow,
  ): SyncedOccurrence[] {
    const later = new Map(
      cached.filter(({ gone, start }) => !gone && start >= part.to).map((row) => [row.eventId, versionOf(row)]),
    );
    const [waiting, now] = partition(occurrences, (occurrence) => {
      const held = this.#newest.has(occurrence.eventId) ? undefined : later.get(occurrence.eventId);
      const version = versionOf(occurrence);
      return held !== undefined && held.item !== version.item && isNewer(held, version);
    });
    this.#waiting.push(...waiting);
    return this.#compete(now);
  }

  /** Every part was seen: those that waited, and whose event nothing newer came for. */
  takeWaiting(): SyncedOccurrence[] {
    return this.#compete(this.#waiting.splice(0));
  }

  #compete(occurrences: readonly SyncedOccurrence[]): SyncedOccurrence[] {
    const won = new Map<string, SyncedOccurrence>();
    for (const occurrence of occurrences) {
      const version = versionOf(occurrence);
      const other = this.#newest.get(occurrence.eventId);
      if (other !== undefined && other.item !== version.item) this.#duplicates++;
      if (other !== undefined && !isNewer(version, other)) continue;
      this.#newest.set(occurrence.eventId, version);
      won.set(occurrence.eventId, occurrence);
    }
    return [...won.values()];
  }
}

function versionOf({ itemId, lastModified }: Pick<CachedOccurrence, 'itemId' | 'lastModified'>): Version {
  return { item: createHash('sha1').update(itemId).digest('base64').slice(0, 12), modified: lastModified.getTime() };
}

/** Ties are broken by item, so that two syncs of the same calendar agree. */
function isNewer(a: Version, b: Version): boolean {
  return a.modified > b.modified || (a.modified === b.modified && a.item > b.item);
}

function partition<Value>(values: readonly Value[], isFirst: (value: Value) => boolean): [Value[], Value[]] {
  const first: Value[] = [];
  const second: Value[] = [];
  for (const value of values) (isFirst(value) ? first : second).push(value);
  return [first, second];
}
