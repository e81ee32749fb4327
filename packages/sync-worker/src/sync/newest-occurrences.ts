import type { CachedOccurrence, SyncedOccurrence } from 'calendar-db';

type Version = Pick<CachedOccurrence, 'itemId' | 'lastModified'>;

/**
 * Reduces the occurrences of a calendar to one per event id, whatever the order in which they come: the one changed last
 * wins. A series that was imported twice, for instance, has two items for each event.
 */
export class NewestOccurrences {
  readonly #newest = new Map<string, Version>();
  #duplicates = 0;

  /** @param unchanged what the cache holds and the view still shows */
  constructor(unchanged: readonly CachedOccurrence[]) {
    for (const { eventId, itemId, lastModified } of unchanged) this.#newest.set(eventId, { itemId, lastModified });
  }

  /** Occurrences that lost to a later changed one, so far. */
  get duplicates(): number {
    return this.#duplicates;
  }

  has(eventId: string): boolean {
    return this.#newest.has(eventId);
  }

  /** Those of some occurrences that are to be written: the newest of their events among all that came so far. */
  take(occurrences: readonly SyncedOccurrence[]): SyncedOccurrence[] {
    const won = new Map<string, SyncedOccurrence>();
    for (const occurrence of occurrences) {
      const { eventId, itemId, lastModified } = occurrence;
      const other = this.#newest.get(eventId);
      if (other !== undefined) this.#duplicates++;
      if (other !== undefined && !isNewer(occurrence, other)) continue;
      this.#newest.set(eventId, { itemId, lastModified });
      won.set(eventId, occurrence);
    }
    return [...won.values()];
  }
}

/** Ties are broken by item id, so that two syncs of the same calendar agree. */
function isNewer(a: Version, b: Version): boolean {
  const difference = a.lastModified.getTime() - b.lastModified.getTime();
  return difference > 0 || (difference === 0 && a.itemId > b.itemId);
}
