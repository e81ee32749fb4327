import type { CachedOccurrence, SyncedOccurrence } from 'calendar-db';
import { type CalendarWindow, overlapsWindow } from 'calendar-model';
import type { CalendarEntry, Described, WindowView } from '../provider/calendar-provider.ts';

/** Which entries of a view are kept, and which of those must be described anew. */
export interface ViewPlan {
  /** New, changed, or belonging to an item that the sync page named. */
  readonly describe: readonly CalendarEntry[];
  /** Ids of cached events that the view still shows as they were. */
  readonly unchanged: ReadonlySet<string>;
  /** Left out by `autoSync: false`: older than the mailbox's activation. */
  readonly leftOut: number;
}

export interface PlanInput {
  readonly view: WindowView;
  readonly cached: readonly CachedOccurrence[];
  /** Ids of items that the sync pages named: singles and masters. */
  readonly changedItems: ReadonlySet<string>;
  /** With `autoSync: false`: items last changed before this, and not cached yet, are left out. Null keeps all. */
  readonly notBefore: Date | null;
}

/** Compares a view with the cache. Pure: what it decides depends on nothing but its input. */
export function planView({ view, cached, changedItems, notBefore }: PlanInput): ViewPlan {
  const cachedByItem = new Map(cached.filter(({ gone }) => !gone).map((row) => [row.itemId, row]));
  const describe: CalendarEntry[] = [];
  const unchanged = new Set<string>();
  let leftOut = 0;
  for (const entry of view.entries) {
    const held = cachedByItem.get(entry.itemId);
    if (held === undefined && notBefore !== null && entry.lastModified < notBefore) {
      leftOut++;
    } else if (held !== undefined && held.viewDigest === entry.digest && !isNamed(held, changedItems)) {
      unchanged.add(held.eventId);
    } else {
      describe.push(entry);
    }
  }
  return { describe, unchanged, leftOut };
}

function isNamed(held: CachedOccurrence, changedItems: ReadonlySet<string>): boolean {
  return changedItems.has(held.itemId) || (held.seriesId !== null && changedItems.has(held.seriesId));
}

/** What is to be written after a view was described. */
export interface ViewResult {
  readonly occurrences: readonly SyncedOccurrence[];
  /** Cached live events of the window that neither the view nor its descriptions hold. */
  readonly gone: readonly string[];
  /** Occurrences that shared an id with a later changed one (a series imported twice, for instance). */
  readonly duplicates: number;
}

export interface ResultInput {
  readonly window: CalendarWindow;
  readonly view: WindowView;
  readonly cached: readonly CachedOccurrence[];
  readonly plan: ViewPlan;
  readonly described: Described;
}

/**
 * Decides what goes. An event is gone when a complete view no longer shows it; whatever came unreadable, or could not
 * be described, keeps the event that its item id stood for, and an unreadable item without an id keeps everything.
 */
export function resultOfView({ window, view, cached, plan, described }: ResultInput): ViewResult {
  const occurrences = newestPerEvent(described.occurrences);
  const shown = new Set([...plan.unchanged, ...occurrences.map(({ eventId }) => eventId)]);
  const doubtful = new Set([...view.unreadable, ...described.skipped]);
  const gone = cached
    .filter((row) => !row.gone && overlapsWindow(window, row.start, row.end))
    .filter((row) => !shown.has(row.eventId) && !doubtful.has(row.itemId))
    .map(({ eventId }) => eventId);
  return {
    occurrences,
    gone: doubtful.has(null) ? [] : gone,
    duplicates: described.occurrences.length - occurrences.length,
  };
}

/** One occurrence per event id: the one changed last wins. */
function newestPerEvent(occurrences: readonly SyncedOccurrence[]): SyncedOccurrence[] {
  const newest = new Map<string, SyncedOccurrence>();
  for (const occurrence of occurrences) {
    const other = newest.get(occurrence.eventId);
    if (other === undefined || isNewer(occurrence, other)) newest.set(occurrence.eventId, occurrence);
  }
  return [...newest.values()];
}

/** Ties are broken by item id, so that two syncs of the same calendar agree. */
function isNewer(a: SyncedOccurrence, b: SyncedOccurrence): boolean {
  const difference = a.lastModified.getTime() - b.lastModified.getTime();
  return difference > 0 || (difference === 0 && a.itemId > b.itemId);
}
