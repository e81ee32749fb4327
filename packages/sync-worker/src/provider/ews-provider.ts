import { type CalendarWindow, halveWindow, isPrivate, overlapsWindow } from 'calendar-model';
import {
  type EwsCalendarItem,
  type EwsCalendarReader,
  EwsError,
  type EwsViewItem,
  type ItemRequest,
  type ItemResult,
  type UnreadableItem,
} from 'ews-client';
import { GroupStreams } from '../streams/group-streams.ts';
import type { LendStreamAccount, StreamSettings } from '../streams/stream-account.ts';
import type {
  CalendarEntry,
  CalendarProvider,
  ChangePage,
  Described,
  OpenedCalendar,
  WindowView,
} from './calendar-provider.ts';
import type { Watch } from './calendar-watch.ts';
import { type ExchangeEntry, exchangeEntry } from './exchange-entry.ts';
import { exchangeOccurrence } from './exchange-occurrence.ts';
import { ExchangeZones } from './exchange-zone.ts';
import type { StoredItems } from './stored-items.ts';
import { storedWindow } from './stored-window.ts';
import { WindowTooFullError } from './window-too-full-error.ts';

/** Microsoft's samples ask for 10, exchangelib for 100; the budget is checked between items (ews.md §4). */
const ITEMS_PER_BATCH = 25;
/** A window that still overflows at this size is not a calendar that halving could read. */
const SHORTEST_WINDOW_MS = 3_600_000;
/** Items of a folder that are listed at once. */
const ITEMS_PER_PAGE = 500;

/** Who makes the calls: with which account, how many at a time, and whether at all. */
export interface EwsAccounts {
  call<Result>(
    mailbox: string,
    signal: AbortSignal,
    work: (reader: EwsCalendarReader) => Promise<Result>,
  ): Promise<Result>;
  /** Absent where nobody listens. */
  lendForStream?: LendStreamAccount;
  close(): Promise<void>;
}

/** What a provider tells and asks of its directory. */
export interface KnownPeople {
  /** Leaves questions about the people of some items; does not wait for answers. */
  notice(items: readonly EwsCalendarItem[]): Promise<void>;
  isRoom(address: string): boolean;
}

/** Whom a provider works with beside its accounts. */
export interface EwsProviderCompany {
  readonly people?: KnownPeople;
  /** Told once, when the server turns out not to expand series. */
  readonly onLocalExpansion?: () => void;
  /** Absent or null: changes are found by polls alone. */
  readonly streaming?: StreamSettings | null;
}

/**
 * Exchange over EWS: singles and series are listed by CalendarView, which expands them on the server. Of a server that
 * does not, as its first view with a master in it or without an occurrence that should be there shows, the folder is
 * listed and series are expanded here.
 */
export class EwsProvider implements CalendarProvider {
  readonly key: string;
  readonly #accounts: EwsAccounts;
  readonly #storePrivate: () => boolean;
  readonly #people: KnownPeople | undefined;
  readonly #zones = new ExchangeZones();
  readonly watch?: Watch;
  readonly #onLocalExpansion: () => void;
  /** Whether CalendarView expands series; undefined until a view has shown it. */
  #expands: boolean | undefined;

  constructor(key: string, accounts: EwsAccounts, storePrivate: () => boolean, company: EwsProviderCompany = {}) {
    this.key = key;
    const { streaming = null } = company;
    if (streaming !== null) {
      const options = { lend: (group: string) => accounts.lendForStream?.(group) ?? null, settings: streaming };
      this.watch = (request, listener, signal) => new GroupStreams(request, listener, options).run(signal);
    }
    this.#accounts = accounts;
    this.#storePrivate = storePrivate;
    this.#people = company.people;
    this.#onLocalExpansion = company.onLocalExpansion ?? (() => undefined);
  }

  open(mailbox: string, signal: AbortSignal): Promise<OpenedCalendar> {
    return this.#accounts.call(mailbox, signal, (reader) => reader.getCalendarFolder(mailbox, signal));
  }

  async changes(mailbox: string, folderId: string, syncState: string | null, signal: AbortSignal): Promise<ChangePage> {
    const page = await this.#accounts.call(mailbox, signal, (reader) =>
      reader.syncFolderItems(mailbox, { folderId, syncState }, signal),
    );
    const itemIds = page.changes.filter(({ kind }) => kind !== 'readFlag').map(({ itemId }) => itemId);
    return { syncState: page.syncState, complete: page.complete, itemIds };
  }

  async window(
    mailbox: string,
    folderId: string,
    window: CalendarWindow,
    signal: AbortSignal,
  ): Promise<WindowView<ExchangeEntry>> {
    if (this.#expands === false) return (await this.#expandedHere(mailbox, folderId, window, signal)).view;
    const { items, unreadable } = await this.#expandedThere(mailbox, folderId, window, signal);
    if (items.some(({ kind }) => kind === 'recurringMaster')) {
      this.#expandHere();
      return (await this.#expandedHere(mailbox, folderId, window, signal)).view;
    }
    if (items.some(({ kind }) => kind !== 'single')) this.#expands = true;
    if (this.#expands === undefined) {
      // A server that shows singles alone may hide series that began before the window.
      const { view, hasSeries } = await this.#expandedHere(mailbox, folderId, window, signal);
      if (hasSeries) {
        this.#expandHere();
        return view;
      }
    }
    return {
      // CalendarView also returns what ends exactly where the window begins (ews.md §4).
      entries: items.filter(({ start, end }) => overlapsWindow(window, start, end)).map((item) => exchangeEntry(item)),
      unreadable: unreadable.map(({ itemId }) => itemId),
    };
  }

  async describe(mailbox: string, wanted: readonly CalendarEntry[], signal: AbortSignal): Promise<Described> {
    const entries = wanted as readonly ExchangeEntry[];
    const unknown = entries.filter(({ known }) => known === null);
    const own = unknown.filter(({ item }) => item.kind !== 'occurrence');
    const bySeries = Map.groupBy(
      unknown.filter(({ seriesKey }) => seriesKey !== null),
      ({ seriesKey }) => seriesKey,
    );
    const firsts = [...bySeries.values()].flatMap(([first]) => first ?? []);
    const requests: ItemRequest[] = [
      ...own.map(({ itemId }) => ({ itemId })),
      ...firsts.map(({ itemId }) => ({ masterOf: itemId })),
    ];
    const results = await this.#items(mailbox, requests, signal);
    // Before what they belong to is written: whatever happens then, the questions are not lost.
    await this.#people?.notice(results.flatMap((item) => (item !== null && this.#isStored(item) ? [item] : [])));
    const items = new Map(own.map(({ itemId }, index) => [itemId, results[index] ?? null]));
    const masters = new Map(firsts.map(({ seriesKey }, index) => [seriesKey, results[own.length + index] ?? null]));
    return this.#complete(mailbox, entries, items, masters);
  }

  close(): Promise<void> {
    return this.#accounts.close();
  }

  #expandHere(): void {
    if (this.#expands === false) return;
    this.#expands = false;
    this.#onLocalExpansion();
  }

  /** The items of a window as CalendarView lists them, which is asked for in parts where it is cut. */
  async #expandedThere(
    mailbox: string,
    folderId: string,
    window: CalendarWindow,
    signal: AbortSignal,
  ): Promise<StoredItems> {
    const found = new Map<string, EwsViewItem>();
    const unreadable: UnreadableItem[] = [];
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
      // Items across a border of two parts come with both.
      for (const item of view.items) found.set(item.itemId, item);
      unreadable.push(...view.unreadable);
    }
    return { items: [...found.values()], unreadable };
  }

  /** The window from what the folder stores, series expanded by Exchange's rules. */
  async #expandedHere(
    mailbox: string,
    folderId: string,
    window: CalendarWindow,
    signal: AbortSignal,
  ): ReturnType<typeof storedWindow> {
    return storedWindow(mailbox, window, this.#zones, {
      page: (offset) =>
        this.#accounts.call(mailbox, signal, (reader) =>
          reader.findStoredItems(mailbox, { folderId, offset, maxEntries: ITEMS_PER_PAGE }, signal),
        ),
      details: (itemIds) =>
        this.#items(
          mailbox,
          itemIds.map((itemId) => ({ itemId })),
          signal,
        ),
    });
  }

  #complete(
    mailbox: string,
    entries: readonly ExchangeEntry[],
    items: ReadonlyMap<string, EwsCalendarItem | null>,
    masters: ReadonlyMap<string | null, EwsCalendarItem | null>,
  ): Described {
    const context = {
      ...{ mailbox, storePrivate: this.#storePrivate(), zones: this.#zones },
      isRoom: (address: string) => this.#people?.isRoom(address) ?? false,
    };
    const described = entries.map((entry) => {
      const master = entry.known?.master ?? masters.get(entry.seriesKey) ?? null;
      const own = entry.item.kind === 'occurrence' ? master : (items.get(entry.itemId) ?? null);
      const details = entry.known?.details ?? own;
      return { entry, occurrence: details && exchangeOccurrence(entry, { details, master }, context) };
    });
    return {
      occurrences: described.flatMap(({ occurrence }) => occurrence ?? []),
      skipped: described.flatMap(({ entry, occurrence }) => (occurrence === null ? [entry.itemId] : [])),
    };
  }

  /** Of what is not stored nobody is asked about either. */
  #isStored({ sensitivity }: EwsCalendarItem): boolean {
    return this.#storePrivate() || !isPrivate(sensitivity);
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

  /**
   * One item or null per request, in order; a batch that is too much for the server is halved. An item that is too much
   * even alone, or spoils every reply, is null: it must not keep the others from being read.
   */
  async #items(
    mailbox: string,
    requests: readonly ItemRequest[],
    signal: AbortSignal,
  ): Promise<(EwsCalendarItem | null)[]> {
    const answers: (EwsCalendarItem | null)[] = [];
    let size = ITEMS_PER_BATCH;
    for (let at = 0; at < requests.length; ) {
      const batch = requests.slice(at, at + size);
      const alone = batch.length === 1;
      try {
        const ask = alone ? getAlone : getBatch;
        const results = await this.#accounts.call(mailbox, signal, (reader) => ask(reader, mailbox, batch, signal));
        answers.push(...results);
        at += batch.length;
      } catch (error) {
        if (!(error instanceof EwsError) || error.errorClass !== 'size' || alone) throw error;
        size = Math.ceil(batch.length / 2);
      }
    }
    return answers;
  }
}

/**
 * Details of some items. An item with content that Exchange cannot convert is asked for once more without its body; one
 * that is gone or corrupt is null; any other error ends the batch, so that nothing passes for missing.
 */
async function getBatch(
  reader: EwsCalendarReader,
  mailbox: string,
  batch: readonly ItemRequest[],
  signal: AbortSignal,
): Promise<(EwsCalendarItem | null)[]> {
  const results = await reader.getItems(mailbox, batch, { body: 'preview' }, signal);
  const retried = batch.filter((_, index) => isCorrupt(results[index]));
  const bare = retried.length === 0 ? [] : await reader.getItems(mailbox, retried, { body: 'none' }, signal);
  return batch.map((request, index) => {
    const result = isCorrupt(results[index]) ? bare[retried.indexOf(request)] : results[index];
    if (result === undefined) throw new Error('a checked reply answers every request');
    if (result.ok) return result.item;
    if (result.error.errorClass === 'item') return null;
    throw result.error;
  });
}

/** Details of the one item that halving has come down to: where its reply cannot be taken, without its body or not at all. */
async function getAlone(
  reader: EwsCalendarReader,
  mailbox: string,
  batch: readonly ItemRequest[],
  signal: AbortSignal,
): Promise<(EwsCalendarItem | null)[]> {
  try {
    return await getBatch(reader, mailbox, batch, signal);
  } catch (error) {
    if (!isSpoilt(error)) throw error;
  }
  try {
    const [result] = await reader.getItems(mailbox, batch, { body: 'none' }, signal);
    if (result?.ok === false && result.error.errorClass !== 'item') throw result.error;
    return [result?.ok ? result.item : null];
  } catch (error) {
    if (!isSpoilt(error)) throw error;
    return [null];
  }
}

/** The reply to this one item is too large or no XML: trying again would bring the same. */
function isSpoilt(error: unknown): boolean {
  if (!(error instanceof EwsError)) return false;
  return error.errorClass === 'item' || (error.errorClass === 'size' && error.responseCode !== 'ErrorTimeoutExpired');
}

const CORRUPT = new Set([
  'ErrorCorruptData',
  'ErrorItemCorrupt',
  'ErrorMimeContentConversionFailed',
  'ErrorContentConversionFailed',
]);

function isCorrupt(result: ItemResult | undefined): boolean {
  return result?.ok === false && CORRUPT.has(result.error.responseCode ?? '');
}
