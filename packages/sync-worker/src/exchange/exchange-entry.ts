import { createHash } from 'node:crypto';
import { type CalendarWindow, isPrivate, type OccurrenceKind } from 'calendar-model';
import type { EwsCalendarItem, EwsViewItem } from 'ews-client';
import type { CalendarEntry } from '../engine/calendar-provider.ts';
import type { SingleQuestions } from './single-questions.ts';

/** The details that an entry is completed with. */
export interface EntryDetails {
  /** The item itself for singles and exceptions, the master for plain occurrences (docs/reference/exchange.md §5.5). */
  readonly details: EwsCalendarItem;
  /** The series' master, if the entry belongs to one. */
  readonly master: EwsCalendarItem | null;
}

/** An item of a view or a folder's list that is an event of its own, or one of a series. */
export type ListedEvent = EwsViewItem & { readonly kind: OccurrenceKind };

/** A series' master is none: its occurrences are. */
export function isEvent(item: EwsViewItem): item is ListedEvent {
  return item.kind !== 'recurringMaster';
}

/** An entry of an Exchange calendar view. */
export interface ExchangeEntry extends CalendarEntry {
  readonly item: ListedEvent;
  /** Parts the entries of one series from the others of the mailbox; null for singles. */
  readonly seriesKey: string | null;
  /** What local expansion had to read already; null where the details are still to be asked for. */
  readonly known: EntryDetails | null;
}

/** Part of a window as Exchange lists it. */
export interface ListedPart {
  readonly window: CalendarWindow;
  readonly entries: readonly ExchangeEntry[];
  readonly unreadable: readonly (string | null)[];
  readonly isCut?: boolean;
}

/** What the entries of one window have in common. */
export interface WindowContext {
  /** Masters that were fetched while it is read, by series key: most series reach over several parts of it. */
  readonly masters: Map<string, EwsCalendarItem>;
  /** What a sync, which reads one window, may still ask about single items. */
  readonly alone: SingleQuestions;
  /** `privacy.storePrivate`: whether it changes is news for every private entry. */
  readonly storePrivate: boolean;
}

/** Time of an item that Exchange gives no time of change for: old enough to never count as changed since. */
const UNKNOWN_TIME = new Date(0);

/** What the sync engine needs of an item of a view. */
export function exchangeEntry(
  item: ListedEvent,
  { storePrivate }: Pick<WindowContext, 'storePrivate'>,
  known: EntryDetails | null = null,
): ExchangeEntry {
  return {
    item,
    known,
    itemId: item.itemId,
    start: item.start,
    end: item.end,
    lastModified: item.lastModified ?? UNKNOWN_TIME,
    digest: viewDigest(item, isPrivate(item.sensitivity) && !storePrivate),
    seriesKey: item.kind === 'single' ? null : (item.uid ?? item.cleanGlobalObjectId ?? item.changeKey ?? item.itemId),
  };
}

/**
 * Of everything but the change key, which differs with every reminder that somebody dismisses
 * (docs/reference/exchange.md §7.1). Where its content is withheld the digest is another one, so that it is read anew when
 * that is switched on or off.
 */
function viewDigest({ changeKey: _, ...told }: EwsViewItem, withheld: boolean): string {
  const text = JSON.stringify(withheld ? { ...told, withheld } : told);
  return createHash('sha256').update(text).digest('base64');
}
