import { createHash } from 'node:crypto';
import type { EwsViewItem } from 'ews-client';
import type { CalendarEntry } from './calendar-provider.ts';
import type { EntryDetails } from './exchange-occurrence.ts';

/** An entry of an Exchange calendar view. */
export interface ExchangeEntry extends CalendarEntry {
  readonly item: EwsViewItem;
  /** Parts the entries of one series from the others of the mailbox; null for singles. */
  readonly seriesKey: string | null;
  /** What local expansion had to read already; null where the details are still to be asked for. */
  readonly known: EntryDetails | null;
}

/** Time of an item that Exchange gives no time of change for: old enough to never count as changed since. */
const UNKNOWN_TIME = new Date(0);

/** What the sync engine needs of an item of a view; a master is none. */
export function exchangeEntry(item: EwsViewItem, known: EntryDetails | null = null): ExchangeEntry {
  return {
    item,
    itemId: item.itemId,
    start: item.start,
    end: item.end,
    lastModified: item.lastModified ?? UNKNOWN_TIME,
    digest: viewDigest(item),
    known,
    seriesKey: item.kind === 'single' ? null : (item.uid ?? item.cleanGlobalObjectId ?? item.changeKey ?? item.itemId),
  };
}

/** Of everything but the change key, which differs with every reminder that somebody dismisses (ews.md §7). */
function viewDigest(item: EwsViewItem): string {
  const { changeKey: _, ...told } = item;
  return createHash('sha256').update(JSON.stringify(told)).digest('base64');
}
