import type { CachedOccurrence } from 'calendar-db/sync';
import type { CalendarEntry, WindowPart } from './calendar-provider.ts';

/** Which entries of a part of a window are kept, and which of those must be described anew. */
export interface ViewPlan {
  /** New, changed, or belonging to an item that the sync page named. */
  readonly describe: readonly CalendarEntry[];
  /** Cached events that the view still shows as they were. */
  readonly unchanged: readonly CachedOccurrence[];
  /** Left out by `autoSync: false`: older than the mailbox's activation. */
  readonly leftOut: number;
}

export interface PlanInput {
  readonly view: Pick<WindowPart, 'entries'>;
  /** What the cache holds of the items of these entries. */
  readonly cached: readonly CachedOccurrence[];
  /**
   * Ids of items that the sync pages named, singles and masters. Null when the folder was listed from its beginning: what
   * the view says of an entry then tells alone whether it changed, so that a bootstrap that was cut short goes on.
   */
  readonly changedItems: ReadonlySet<string> | null;
  /** With `autoSync: false`: items last changed before this, and not cached yet, are left out. Null keeps all. */
  readonly notBefore: Date | null;
}

/** Compares what a view shows with the cache. Pure: what it decides depends on nothing but its input. */
export function planView({ view, cached, changedItems, notBefore }: PlanInput): ViewPlan {
  const cachedByItem = new Map(cached.filter(({ gone }) => !gone).map((row) => [row.itemId, row]));
  const describe: CalendarEntry[] = [];
  const unchanged: CachedOccurrence[] = [];
  let leftOut = 0;
  for (const entry of view.entries) {
    const held = cachedByItem.get(entry.itemId);
    if (held === undefined && notBefore !== null && entry.lastModified < notBefore) {
      leftOut++;
    } else if (held !== undefined && held.viewDigest === entry.digest && !isNamed(held, changedItems)) {
      unchanged.push(held);
    } else {
      describe.push(entry);
    }
  }
  return { describe, unchanged, leftOut };
}

function isNamed({ itemId, seriesId }: CachedOccurrence, changedItems: ReadonlySet<string> | null): boolean {
  return changedItems !== null && (changedItems.has(itemId) || (seriesId !== null && changedItems.has(seriesId)));
}
