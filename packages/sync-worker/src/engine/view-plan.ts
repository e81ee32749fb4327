import type { CachedOccurrence } from 'calendar-db/sync';
import type { CalendarEntry, WindowPart } from './calendar-provider.ts';

/** Which entries of a part of a window are kept, and which of those must be described anew. */
export interface ViewPlan {
  /**
   * New, changed, belonging to an item that the sync page named, cached without their present details, or left alone by the
   * other meeting with their UID.
   */
  readonly describe: readonly CalendarEntry[];
  /** Cached events that the view still shows as they were. */
  readonly unchanged: readonly CachedOccurrence[];
  /** Of those to be described: item ids of entries whose details could not be read before. */
  readonly again: ReadonlySet<string>;
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
  // After a sync that was cut short an item may have two rows; the one with the plain id is right.
  const live = cached.filter(({ gone }) => !gone);
  const cachedByItem = new Map(
    [...live.filter(isDuplicate), ...live.filter((row) => !isDuplicate(row))].map((row) => [row.itemId, row]),
  );
  const again = new Set<string>();
  const describe: CalendarEntry[] = [];
  const unchanged: CachedOccurrence[] = [];
  let leftOut = 0;
  for (const entry of view.entries) {
    const held = cachedByItem.get(entry.itemId);
    if (held === undefined && notBefore !== null && entry.lastModified < notBefore) {
      leftOut++;
    } else if (
      held !== undefined &&
      held.viewDigest === entry.digest &&
      !isNamed(held, changedItems) &&
      isWhole(held)
    ) {
      unchanged.push(held);
    } else {
      describe.push(entry);
      if (held !== undefined && held.details !== 'read') again.add(entry.itemId);
    }
  }
  return { describe, unchanged, again, leftOut };
}

function isDuplicate({ duplicateOf }: CachedOccurrence): boolean {
  return duplicateOf !== null;
}

function isWhole({ details, isAlone }: CachedOccurrence): boolean {
  return details === 'read' && !isAlone;
}

function isNamed({ itemId, seriesId }: CachedOccurrence, changedItems: ReadonlySet<string> | null): boolean {
  return changedItems !== null && (changedItems.has(itemId) || (seriesId !== null && changedItems.has(seriesId)));
}
