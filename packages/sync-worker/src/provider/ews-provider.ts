import { setImmediate } from 'node:timers/promises';
import type { SyncedOccurrence } from 'calendar-db';
import { type CalendarWindow, halveWindow, overlapsWindow } from 'calendar-model';
import {
  type EwsCalendarItem,
  type EwsCalendarReader,
  EwsError,
  type ItemRequest,
  type SyncFolderItemsRequest,
  type SyncPage,
} from 'ews-client';
import type {
  CalendarEntry,
  CalendarProvider,
  ChangePage,
  Described,
  OpenedCalendar,
  WindowPart,
} from './calendar-provider.ts';
import { type ExchangeEntry, exchangeEntry } from './exchange-entry.ts';
import { exchangeOccurrence } from './exchange-occurrence.ts';
import { ExchangeZones } from './exchange-zone.ts';
import { fetchItems } from './fetch-items.ts';
import { WindowTooFullError } from './window-too-full-error.ts';

/** What SyncFolderItems takes at most, and what it is asked for when the server finds that too much (ews.md §5). */
const CHANGES_PER_PAGE = 512;
/** A window that still overflows at this size is not a calendar that halving could read. */
const SHORTEST_WINDOW_MS = 3_600_000;
/** Occurrences that are put together before everybody else gets a turn. */
const MAPPED_PER_TURN = 50;
/** Masters that are kept while a window is read, so that a series is not fetched for every part of it. */
const MOST_MASTERS = 500;

/** Who makes the calls: with which account, how many at a time, and whether at all. */
export interface EwsAccounts {
  call<Result>(
    mailbox: string,
    signal: AbortSignal,
    work: (reader: EwsCalendarReader) => Promise<Result>,
  ): Promise<Result>;
  close(): Promise<void>;
}

/** Exchange over EWS: singles and series are listed by CalendarView, which expands them on the server. */
export class EwsProvider implements CalendarProvider {
  readonly key: string;
  readonly #accounts: EwsAccounts;
  readonly #storePrivate: () => boolean;
  readonly #zones = new ExchangeZones();

  constructor(key: string, accounts: EwsAccounts, storePrivate: () => boolean) {
    this.key = key;
    this.#accounts = accounts;
    this.#storePrivate = storePrivate;
  }

  open(mailbox: string, signal: AbortSignal): Promise<OpenedCalendar> {
    return this.#accounts.call(mailbox, signal, (reader) => reader.getCalendarFolder(mailbox, signal));
  }

  async changes(mailbox: string, folderId: string, syncState: string | null, signal: AbortSignal): Promise<ChangePage> {
    const page = await this.#page(mailbox, { folderId, syncState }, signal);
    const itemIds = page.changes.filter(({ kind }) => kind !== 'readFlag').map(({ itemId }) => itemId);
    return { syncState: page.syncState, complete: page.complete, itemIds };
  }

  async *window(
    mailbox: string,
    folderId: string,
    window: CalendarWindow,
    signal: AbortSignal,
  ): AsyncGenerator<WindowPart<ExchangeEntry>> {
    const masters = new Map<string, EwsCalendarItem>();
    const storePrivate = this.#storePrivate();
    /** Items that reach over the border of a part that was given: they come again with the next one. */
    const given = new Set<string>();
    const parts: CalendarWindow[] = [window];
    for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
      const { from, to } = part;
      const view = await this.#view(mailbox, folderId, part, signal);
      if (view === 'too full' || view instanceof EwsError) {
        if (to.getTime() - from.getTime() <= SHORTEST_WINDOW_MS) {
          throw view instanceof EwsError ? view : new WindowTooFullError(mailbox, part);
        }
        parts.unshift(...halveWindow(part));
        continue;
      }
      const entries = view.items
        .flatMap((item) => exchangeEntry(item, masters, storePrivate) ?? [])
        // CalendarView also returns what ends exactly where it begins (ews.md §4).
        .filter(({ itemId, start, end }) => overlapsWindow({ from, to }, start, end) && !given.has(itemId));
      for (const { itemId, end } of entries) if (end > to) given.add(itemId);
      yield { window: part, entries, unreadable: view.unreadable.map(({ itemId }) => itemId) };
    }
  }

  async describe(mailbox: string, wanted: readonly CalendarEntry[], signal: AbortSignal): Promise<Described> {
    const entries = wanted as readonly ExchangeEntry[];
    const masters = entries[0]?.masters ?? new Map<string, EwsCalendarItem>();
    makeRoom(masters, new Set(entries.map(({ seriesKey }) => seriesKey)));
    const own = entries.filter(({ item }) => item.kind !== 'occurrence');
    const bySeries = Map.groupBy(
      entries.filter(({ seriesKey }) => seriesKey !== null && !masters.has(seriesKey)),
      ({ seriesKey }) => seriesKey,
    );
    const firsts = [...bySeries.values()].flatMap(([first]) => first ?? []);
    const requests: ItemRequest[] = [
      ...own.map(({ itemId }) => ({ itemId })),
      ...firsts.map(({ itemId }) => ({ masterOf: itemId })),
    ];
    const results = await fetchItems(
      (some, options) =>
        this.#accounts.call(mailbox, signal, (reader) => reader.getItems(mailbox, some, options, signal)),
      requests,
    );
    const items = new Map(own.map(({ itemId }, index) => [itemId, results[index] ?? null]));
    for (const [index, { seriesKey }] of firsts.entries()) {
      const master = results[own.length + index];
      if (master && seriesKey !== null) masters.set(seriesKey, master);
    }
    return this.#complete(mailbox, entries, items, masters);
  }

  close(): Promise<void> {
    return this.#accounts.close();
  }

  async #complete(
    mailbox: string,
    entries: readonly ExchangeEntry[],
    items: ReadonlyMap<string, EwsCalendarItem | null>,
    masters: ReadonlyMap<string | null, EwsCalendarItem>,
  ): Promise<Described> {
    const context = { mailbox, storePrivate: this.#storePrivate(), zones: this.#zones };
    const occurrences: SyncedOccurrence[] = [];
    const skipped: string[] = [];
    for (const [place, entry] of entries.entries()) {
      if (place % MAPPED_PER_TURN === MAPPED_PER_TURN - 1) await setImmediate();
      const master = masters.get(entry.seriesKey) ?? null;
      const details = entry.item.kind === 'occurrence' ? master : (items.get(entry.itemId) ?? null);
      const occurrence = details && exchangeOccurrence(entry, { details, master }, context);
      if (occurrence === null) skipped.push(entry.itemId);
      else occurrences.push(occurrence);
    }
    return { occurrences, skipped };
  }

  /** One page of changes; a page that is too much for the server is asked for in half the size. */
  async #page(mailbox: string, request: SyncFolderItemsRequest, signal: AbortSignal): Promise<SyncPage> {
    for (let maxChanges = CHANGES_PER_PAGE; ; maxChanges = Math.ceil(maxChanges / 2)) {
      try {
        return await this.#accounts.call(mailbox, signal, (reader) =>
          reader.syncFolderItems(mailbox, { ...request, maxChanges }, signal),
        );
      } catch (error) {
        if (!(error instanceof EwsError) || error.errorClass !== 'size' || maxChanges === 1) throw error;
      }
    }
  }

  /** A view, or what says that it is to be asked for in smaller parts. */
  async #view(mailbox: string, folderId: string, { from, to }: CalendarWindow, signal: AbortSignal) {
    try {
      const view = await this.#accounts.call(mailbox, signal, (reader) =>
        reader.findCalendarView(mailbox, { folderId, from, to }, signal),
      );
      return view.complete ? view : 'too full';
    } catch (error) {
      if (error instanceof EwsError && error.errorClass === 'size') return error;
      throw error;
    }
  }
}

/** Forgets the masters kept longest, but not those that are wanted now. */
function makeRoom(masters: Map<string, EwsCalendarItem>, wanted: ReadonlySet<string | null>): void {
  for (const seriesKey of masters.keys()) {
    if (masters.size <= MOST_MASTERS) return;
    if (!wanted.has(seriesKey)) masters.delete(seriesKey);
  }
}
