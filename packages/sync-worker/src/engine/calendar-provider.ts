import type { SyncedOccurrence } from 'calendar-db/sync';
import type { CalendarWindow } from 'calendar-model';
import type { Watch } from './calendar-watch.ts';

/** The calendar of one mailbox, found and ready to be read. */
export interface OpenedCalendar {
  readonly folderId: string;
  /** The calendar server's clock; null when it did not tell. */
  readonly serverTime: Date | null;
}

/** One page of what changed since a sync state. */
export interface ChangePage {
  readonly syncState: string;
  readonly complete: boolean;
  /** Ids of items that came, changed or went: singles and masters of series. */
  readonly itemIds: readonly string[];
}

/** One occurrence as a calendar view shows it, before its details are known. */
export interface CalendarEntry {
  readonly itemId: string;
  readonly start: Date;
  readonly end: Date;
  readonly lastModified: Date;
  /** The same as long as the view says the same of it. */
  readonly digest: string;
}

/** Part of a window, answered whole, unless it says otherwise. Parts come in order of time and leave no gap. */
export interface WindowPart {
  readonly window: CalendarWindow;
  /** At most some thousand; what reaches over the end of a part comes with that part only. */
  readonly entries: readonly CalendarEntry[];
  /** Items that came but could not be read; null for one whose id is unknown too. None of them may count as gone. */
  readonly unreadable: readonly (string | null)[];
  /** The server lists only the beginning of it, however short it is. Default false. */
  readonly isCut?: boolean;
  /**
   * Reads the details of some of its entries, while the window is read.
   * @param itemIds of entries of this part
   */
  readonly describe: (itemIds: readonly string[], signal: AbortSignal) => Promise<Described>;
}

/** Entries with all their details. */
export interface Described {
  readonly occurrences: readonly SyncedOccurrence[];
  /** Item ids of entries whose details could not be had; a later sync will try again. */
  readonly skipped: readonly string[];
  /** What the window itself tells of those, where that is enough to name them; their `details` are `missing`. */
  readonly fromView: readonly SyncedOccurrence[];
}

/**
 * A kind of calendar server, as the sync engine sees it. Every method acts for one mailbox and rejects with a
 * `ProviderError`, or with the signal's reason once that is aborted.
 */
export interface CalendarProvider {
  readonly key: string;
  open(mailbox: string, signal: AbortSignal): Promise<OpenedCalendar>;
  /** @param syncState null lists the whole folder */
  changes(mailbox: string, folderId: string, syncState: string | null, signal: AbortSignal): Promise<ChangePage>;
  /** Whoever reads it to its end has seen the window whole, but for parts that say that they were cut. */
  window(mailbox: string, folderId: string, window: CalendarWindow, signal: AbortSignal): AsyncIterable<WindowPart>;
  /** Listens to changes as they happen; absent where that is not possible, or not wanted. */
  readonly watch?: Watch;
  close(): Promise<void>;
}
