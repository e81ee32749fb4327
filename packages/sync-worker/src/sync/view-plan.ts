import type { CachedOccurrence } from 'calendar-db';
import { type CalendarWindow, overlapsWindow } from 'calendar-model';
import type { CalendarEntry, WindowView } from '../provider/calendar-provider.ts';

/** Which entries of a view are kept, and which of those must be described anew. */
export interface ViewPlan {
  /** New, changed, or belonging to an item that the sync page named. */
  readonly describe: readonly CalendarEntry[];
  /** Cached events that the view still shows as they were. */
  readonly unchanged: readonly CachedOccurrence[];
  /** Left out by `autoSync: false`: older than the mailbox's activation. */
  readonly leftOut: number;
}

export interface PlanInput {
  readonly view: WindowView;
  readonly cached: readonly CachedOccurrence[];
  /**
   * Ids of items that the sync pages named, singles and masters. Null when the folder was listed from its beginning: what
   * the view says of an entry then tells alone whether it changed, so that a bootstrap that was cut short goes on.
   */
  readonly changedItems: ReadonlySet<string> | null;
  /** With `autoSync: false`: items last changed before this, and not cached yet, are left out. Null keeps all. */
  readonly notBefore: Date | null;
}

/** Compares a view with the cache. Pure: what it decides depends on nothing but its input. */
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

export interface GoneInput {
  readonly window: CalendarWindow;
  readonly view: WindowView;
  readonly cached: readonly CachedOccurrence[];
  /** Ids of all events that the view showed and that are, or will be, in the cache as it showed them. */
  readonly shown: { has(eventId: string): boolean };
  /** Item ids of entries that could not be described. */
  readonly skipped: readonly string[];
}

/**
 * Ids of the cached events that are gone: those of the window that a complete view no longer shows. Whatever came
 * unreadable, or could not be described, keeps the events that its item id stood for (a master's: all of its series), and
 * an unreadable item without an id keeps everything.
 */
export function goneEvents({ window, view, cached, shown, skipped }: GoneInput): string[] {
  const doubtful = new Set([...view.unreadable, ...skipped]);
  if (doubtful.has(null)) return [];
  return cached
    .filter((row) => !row.gone && overlapsWindow(window, row.start, row.end))
    .filter((row) => !shown.has(row.eventId) && !doubtful.has(row.itemId) && !doubtful.has(row.seriesId ?? row.itemId))
    .map(({ eventId }) => eventId);
}
