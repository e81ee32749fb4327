import { setImmediate } from 'node:timers/promises';
import { type CalendarWindow, overlapsWindow } from 'calendar-model';
import type { EwsCalendarItem, StoredItemsPage } from 'ews-client';
import { type ExchangeEntry, exchangeEntry, isEvent, type ListedPart, type WindowContext } from './exchange-entry.ts';
import type { ExchangeZones } from './exchange-zone.ts';
import { type LocalOccurrence, localEntry, localOccurrences, type StoredSeries } from './local-expansion.ts';
import { listStoredItems } from './stored-items.ts';

/** The questions that a window of stored items needs answers to. */
export interface StoredCalendar {
  /** One page of the folder's list, given how many items come before it. */
  page(offset: number): Promise<StoredItemsPage>;
  /** Details of items, in order; null for those that cannot be had. */
  details(itemIds: readonly string[]): Promise<(EwsCalendarItem | null)[]>;
}

export interface StoredWindow {
  readonly part: ListedPart;
  /** Whether series brought anything into it. */
  readonly hasSeries: boolean;
}

/**
 * A window of a calendar whose server does not expand series. The whole folder is listed, because a series may have begun
 * long before the window and such a server filters by that; the ids of a sync would need a GetItem for every item
 * instead. Masters are read anew each time, because the server may not log what changes in their occurrences.
 */
export async function storedWindow(
  mailbox: string,
  window: CalendarWindow,
  zones: ExchangeZones,
  context: WindowContext,
  calendar: StoredCalendar,
): Promise<StoredWindow> {
  const { items, unreadable } = await listStoredItems(mailbox, (offset) => calendar.page(offset));
  zones.learn(mailbox, items);
  const singles = items
    .filter(isEvent)
    .filter(({ kind, start, end }) => kind === 'single' && overlapsWindow(window, start, end));
  const listed = items.filter(({ kind }) => kind === 'recurringMaster');
  const masters = await calendar.details(listed.map(({ itemId }) => itemId));
  const series = listed.map((item, index) => ({ listed: item, master: masters[index] ?? null }));
  const isRead = (one: (typeof series)[number]): one is StoredSeries => one.master?.recurrence != null;
  const occurrences: LocalOccurrence[] = [];
  for (const one of series.filter(isRead)) {
    occurrences.push(...localOccurrences(one, window, zones, mailbox));
    // Hundreds of series at once would keep the loop from leases and other mailboxes.
    await setImmediate();
  }
  const entries = [
    ...singles.map((item) => exchangeEntry(item, context)),
    ...(await localEntries(occurrences, context, calendar)),
  ];
  const unread = series.filter((one) => !isRead(one)).map((one) => one.listed.itemId);
  return {
    part: { window, entries, unreadable: [...unreadable.map(({ itemId }) => itemId), ...unread] },
    hasSeries: occurrences.length > 0,
  };
}

async function localEntries(
  occurrences: readonly LocalOccurrence[],
  context: WindowContext,
  calendar: StoredCalendar,
): Promise<ExchangeEntry[]> {
  const ids = occurrences.flatMap(({ place }) => place.modified?.itemId ?? []);
  const items = await calendar.details(ids);
  const exceptions = new Map(ids.map((itemId, index) => [itemId, items[index] ?? null]));
  return occurrences.map((one) => localEntry(one, exceptions.get(one.place.modified?.itemId ?? '') ?? null, context));
}
