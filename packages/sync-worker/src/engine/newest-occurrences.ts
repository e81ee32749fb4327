import { createHash } from 'node:crypto';
import type { CachedOccurrence, SyncedOccurrence } from 'calendar-db/sync';
import { type CalendarWindow, duplicateEventId } from 'calendar-model';

/** What stays in memory of every event of a mailbox while it is synchronized: some 150 bytes. */
interface Version {
  readonly item: string;
  readonly modified: number;
  /** Tells one meeting from another with the same UID: what it is called, or, without a name, when it is. */
  readonly meeting: string;
}

interface Waiting {
  readonly occurrence: SyncedOccurrence;
  /** The item that the cache holds under this event id. */
  readonly holder: string;
}

/** More of a subject a calendar view does not tell. */
const TOLD_SUBJECT = 255;

/**
 * Reduces the occurrences of a calendar to one per event id, whatever the order in which they come. Two items of the same
 * meeting (a series that was imported twice, for instance, has two for each event) are one event, whichever time each of them
 * tells: the one changed last wins.
 * Two meetings with one UID are two events: the one that the cache holds, or else the one that came first, has the id that
 * UID and key make; each further one has an id of its own.
 */
export class NewestOccurrences {
  readonly #newest = new Map<string, Version>();
  readonly #waiting: Waiting[] = [];
  /** Ids that other meetings of this view would have had. */
  readonly #shared = new Set<string>();
  #duplicates = 0;

  /** Occurrences that lost to a later changed one of the same meeting, so far. */
  get duplicates(): number {
    return this.#duplicates;
  }

  has(eventId: string): boolean {
    return this.#newest.has(eventId);
  }

  /** Whether another meeting of this view would have this id, were it free. */
  isShared(eventId: string): boolean {
    return this.#shared.has(eventId);
  }

  /** What the cache holds and the view still shows. */
  keep(unchanged: readonly CachedOccurrence[]): void {
    for (const row of unchanged) {
      this.#newest.set(row.eventId, versionOf(row));
      if (row.duplicateOf !== null) this.#shared.add(row.duplicateOf);
    }
  }

  /**
   * Those of some occurrences that are to be written: the newest of their meetings among all that came so far. One whose
   * event the cache holds from another item, which may be yet to come, waits for the end if it is another meeting than that
   * item's, or older: two items must not take turns in the cache.
   *
   * @param cached what the cache holds of these events @param part the part of the window that showed them
   */
  take(
    occurrences: readonly SyncedOccurrence[],
    cached: readonly CachedOccurrence[],
    part: CalendarWindow,
  ): SyncedOccurrence[] {
    const held = new Map(cached.filter(({ gone }) => !gone).map((row) => [row.eventId, row]));
    const now: SyncedOccurrence[] = [];
    for (const occurrence of occurrences) {
      const row = this.#newest.has(occurrence.eventId) ? undefined : held.get(occurrence.eventId);
      if (row !== undefined && row.itemId !== occurrence.itemId && mustWait(occurrence, row, part)) {
        this.#waiting.push({ occurrence, holder: row.itemId });
      } else now.push(occurrence);
    }
    return this.#compete(now);
  }

  /**
   * Every part was seen: those that waited, unless something newer of the same meeting came.
   * @param doubtful item ids that came unreadable: what the cache holds of them stays; null stands for one whose id is unknown
   */
  takeWaiting(doubtful: ReadonlySet<string | null> = new Set()): SyncedOccurrence[] {
    const waited = this.#waiting.splice(0);
    const isHeld = ({ occurrence, holder }: Waiting) =>
      !this.#newest.has(occurrence.eventId) && (doubtful.has(holder) || doubtful.has(null));
    const further = waited.filter(isHeld).map(({ occurrence }) => this.#asFurther(occurrence));
    const others = waited.filter((one) => !isHeld(one)).map(({ occurrence }) => occurrence);
    return [...this.#compete(further), ...this.#compete(others)];
  }

  #compete(occurrences: readonly SyncedOccurrence[]): SyncedOccurrence[] {
    const won = new Map<string, SyncedOccurrence>();
    for (const occurrence of occurrences) {
      const one = this.#named(occurrence);
      const version = versionOf(one);
      const other = this.#newest.get(one.eventId);
      if (other !== undefined && other.item !== version.item) this.#duplicates++;
      if (other !== undefined && !isNewer(version, other)) continue;
      this.#newest.set(one.eventId, version);
      won.set(one.eventId, one);
    }
    return [...won.values()];
  }

  /** The occurrence under its own id, where another meeting has the one that UID and key make. */
  #named(occurrence: SyncedOccurrence): SyncedOccurrence {
    const other = this.#newest.get(occurrence.eventId);
    if (other === undefined || occurrence.duplicateOf !== null) return occurrence;
    const { item, meeting } = versionOf(occurrence);
    return other.item === item || other.meeting === meeting ? occurrence : this.#asFurther(occurrence);
  }

  #asFurther(occurrence: SyncedOccurrence): SyncedOccurrence {
    const { eventId, itemId } = occurrence;
    this.#shared.add(eventId);
    return { ...occurrence, eventId: duplicateEventId(eventId, itemId), duplicateOf: eventId };
  }
}

function mustWait(occurrence: SyncedOccurrence, held: CachedOccurrence, part: CalendarWindow): boolean {
  const [version, other] = [versionOf(occurrence), versionOf(held)];
  return version.meeting !== other.meeting || (held.start >= part.to && isNewer(other, version));
}

function versionOf({
  itemId,
  lastModified,
  start,
  end,
  subject,
}: Pick<CachedOccurrence, 'itemId' | 'lastModified' | 'start' | 'end' | 'subject'>): Version {
  const meeting = subject.slice(0, TOLD_SUBJECT).trim() || `${start.getTime()} ${end.getTime()}`;
  return { item: short(itemId), modified: lastModified.getTime(), meeting: short(meeting) };
}

function short(text: string): string {
  return createHash('sha1').update(text).digest('base64').slice(0, 12);
}

/** Ties are broken by item, so that two syncs of the same calendar agree. */
function isNewer(a: Version, b: Version): boolean {
  return a.modified > b.modified || (a.modified === b.modified && a.item > b.item);
}
