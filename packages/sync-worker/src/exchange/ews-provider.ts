import type { CalendarWindow } from 'calendar-model';
import {
  type EwsCalendarItem,
  type EwsCalendarReader,
  EwsError,
  type ItemRequest,
  type SyncFolderItemsRequest,
  type SyncPage,
} from 'ews-client';
import type { LendStreamAccount, StreamSettings } from '../accounts/stream-account.ts';
import type {
  CalendarProvider,
  ChangePage,
  Described,
  OpenedCalendar,
  WindowPart,
} from '../engine/calendar-provider.ts';
import type { Watch } from '../engine/calendar-watch.ts';
import { GroupStreams } from '../streams/group-streams.ts';
import { asProviderError } from './as-provider-error.ts';
import { calendarViewParts } from './calendar-view-parts.ts';
import { describeEntries } from './describe-entries.ts';
import { type ExchangeEntry, exchangeEntry, isEvent, type ListedPart, type WindowContext } from './exchange-entry.ts';
import { ExchangeZones } from './exchange-zone.ts';
import { fetchItems } from './fetch-items.ts';
import { SingleQuestions } from './single-questions.ts';
import { type StoredWindow, storedWindow } from './stored-window.ts';
import { knowAllZones } from './zone-offsets.ts';

/** What SyncFolderItems takes at most (docs/reference/exchange.md §5.1); fewer where the server finds that too much. */
const CHANGES_PER_PAGE = 512;
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
  /** Called once for each name of a zone that says nothing. */
  readonly onUnknownZone?: (name: string) => void;
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
  readonly #zones: ExchangeZones;
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
    this.#zones = new ExchangeZones(company.onUnknownZone);
    this.#onLocalExpansion = company.onLocalExpansion ?? (() => undefined);
  }

  open(mailbox: string, signal: AbortSignal): Promise<OpenedCalendar> {
    return this.#accounts.call(mailbox, signal, (reader) => reader.getCalendarFolder(mailbox, signal)).catch(rethrow);
  }

  async changes(mailbox: string, folderId: string, syncState: string | null, signal: AbortSignal): Promise<ChangePage> {
    const page = await this.#page(mailbox, { folderId, syncState }, signal).catch(rethrow);
    const itemIds = page.changes.filter(({ kind }) => kind !== 'readFlag').map(({ itemId }) => itemId);
    return { syncState: page.syncState, complete: page.complete, itemIds };
  }

  async *window(
    mailbox: string,
    folderId: string,
    window: CalendarWindow,
    signal: AbortSignal,
  ): AsyncGenerator<WindowPart> {
    const context: WindowContext = {
      ...{ masters: new Map(), alone: new SingleQuestions() },
      storePrivate: this.#storePrivate(),
    };
    try {
      for await (const part of this.#list(mailbox, folderId, window, context, signal)) {
        yield this.#describable(mailbox, part, context);
      }
    } catch (error) {
      rethrow(error);
    }
  }

  close(): Promise<void> {
    return this.#accounts.close();
  }

  /** The parts of a window, by the server's own expansion of series or by ours. */
  async *#list(
    mailbox: string,
    folderId: string,
    window: CalendarWindow,
    context: WindowContext,
    signal: AbortSignal,
  ): AsyncGenerator<ListedPart> {
    const expandedHere = () => this.#expandedHere(mailbox, folderId, window, context, signal);
    if (this.#expands === false) return yield (await expandedHere()).part;
    const undecided: ListedPart[] = [];
    for await (const part of this.#expandedThere(mailbox, folderId, window, signal)) {
      if (part.items.some(({ kind }) => kind === 'recurringMaster')) {
        this.#expandHere();
        // What was given already comes again: nothing of it is wrong, but much may be missing.
        return yield (await expandedHere()).part;
      }
      if (part.items.some(({ kind }) => kind !== 'single')) this.#expands = true;
      this.#zones.learn(mailbox, part.items);
      undecided.push({
        window: part.window,
        entries: part.items.filter(isEvent).map((item) => exchangeEntry(item, context)),
        unreadable: part.unreadable.map(({ itemId }) => itemId),
        isCut: part.isCut,
      });
      if (this.#expands !== undefined) yield* undecided.splice(0);
    }
    if (undecided.length === 0) return;
    // A server that shows singles alone may hide series that began before the window.
    const { part, hasSeries } = await expandedHere();
    if (!hasSeries) return yield* undecided;
    this.#expandHere();
    yield part;
  }

  #describable(mailbox: string, { entries, ...part }: ListedPart, context: WindowContext): WindowPart {
    const byId = new Map(entries.map((entry) => [entry.itemId, entry]));
    const describe = (itemIds: readonly string[], signal: AbortSignal): Promise<Described> => {
      const wanted = itemIds.flatMap((itemId) => byId.get(itemId) ?? []);
      return this.#describe(mailbox, wanted, context, signal).catch(rethrow);
    };
    return { ...part, entries, describe };
  }

  #describe(
    mailbox: string,
    entries: readonly ExchangeEntry[],
    { masters, alone }: WindowContext,
    signal: AbortSignal,
  ): Promise<Described> {
    const storePrivate = this.#storePrivate;
    return describeEntries(entries, {
      ...{ mailbox, masters, zones: this.#zones },
      // As it is when the details have come: it may be switched off meanwhile.
      get storePrivate() {
        return storePrivate();
      },
      isRoom: (address) => this.#people?.isRoom(address) ?? false,
      fetch: (requests) => this.#items(mailbox, requests, alone, signal),
      notice: async (items) => this.#people?.notice(items),
    });
  }

  #expandHere(): void {
    if (this.#expands === false) return;
    this.#expands = false;
    this.#onLocalExpansion();
  }

  /** The items of a window as CalendarView lists them. */
  #expandedThere(mailbox: string, folderId: string, window: CalendarWindow, signal: AbortSignal) {
    return calendarViewParts(window, ({ from, to }) =>
      this.#accounts.call(mailbox, signal, (reader) =>
        reader.findCalendarView(mailbox, { folderId, from, to }, signal),
      ),
    );
  }

  /** The window from what the folder stores, series expanded by Exchange's rules. */
  async #expandedHere(
    mailbox: string,
    folderId: string,
    window: CalendarWindow,
    context: WindowContext,
    signal: AbortSignal,
  ): Promise<StoredWindow> {
    await knowAllZones();
    return storedWindow(mailbox, window, this.#zones, context, {
      page: (offset) =>
        this.#accounts.call(mailbox, signal, (reader) =>
          reader.findStoredItems(mailbox, { folderId, offset, maxEntries: ITEMS_PER_PAGE }, signal),
        ),
      details: (itemIds) =>
        this.#items(
          mailbox,
          itemIds.map((itemId) => ({ itemId })),
          context.alone,
          signal,
        ),
    });
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

  #items(
    mailbox: string,
    requests: readonly ItemRequest[],
    alone: SingleQuestions,
    signal: AbortSignal,
  ): Promise<(EwsCalendarItem | null)[]> {
    return fetchItems(
      (some, options) =>
        this.#accounts.call(mailbox, signal, (reader) => reader.getItems(mailbox, some, options, signal)),
      requests,
      alone,
    );
  }
}

/** Tells the engine of a failure in its own terms. */
function rethrow(error: unknown): never {
  throw asProviderError(error);
}
