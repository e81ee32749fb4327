import type { EwsMailboxAddress } from './calendar-item.ts';
import { checkClientOptions, type EwsClientOptions } from './client-options.ts';
import { type Affinity, EwsCaller } from './ews-caller.ts';
import { expandList, type ListExpansion } from './operations/expand-list.ts';
import { type CalendarView, type CalendarViewRequest, findCalendarView } from './operations/find-calendar-view.ts';
import { findStoredItems, type StoredItemsPage, type StoredItemsRequest } from './operations/find-stored-items.ts';
import { type CalendarFolder, getCalendarFolder } from './operations/get-calendar-folder.ts';
import { type GetItemsOptions, getItems, type ItemRequest, type ItemResult } from './operations/get-items.ts';
import { getRoomLists, getRooms } from './operations/get-rooms.ts';
import { type StreamEvent, type StreamRequest, streamEvents } from './operations/get-streaming-events.ts';
import { type NameResolution, resolveNames } from './operations/resolve-names.ts';
import { type Subscription, subscribe } from './operations/subscribe.ts';
import { type SyncFolderItemsRequest, type SyncPage, syncFolderItems } from './operations/sync-folder-items.ts';
import { unsubscribe } from './operations/unsubscribe.ts';
import { transportFor } from './transport-for.ts';

/** What a reader of calendars can be asked; `EwsClient` is the real one. */
export interface EwsCalendarReader {
  /** Finds the mailbox's calendar folder (GetFolder). */
  getCalendarFolder(mailbox: string, signal?: AbortSignal): Promise<CalendarFolder>;
  /** One page of what changed since `syncState` (SyncFolderItems, IdOnly). */
  syncFolderItems(mailbox: string, request: SyncFolderItemsRequest, signal?: AbortSignal): Promise<SyncPage>;
  /**
   * The entries of a time range, series expanded by the server (FindItem with CalendarView). An entry that ends exactly
   * at `from` comes too.
   */
  findCalendarView(mailbox: string, request: CalendarViewRequest, signal?: AbortSignal): Promise<CalendarView>;
  /** One page of what the folder stores: singles and masters of series (FindItem without CalendarView). */
  findStoredItems(mailbox: string, request: StoredItemsRequest, signal?: AbortSignal): Promise<StoredItemsPage>;
  /** Details (GetItem): one result per request, in the order of the requests. */
  getItems(
    mailbox: string,
    requests: readonly ItemRequest[],
    options: GetItemsOptions,
    signal?: AbortSignal,
  ): Promise<ItemResult[]>;
  /**
   * Subscribes to what happens in the mailbox's calendar from now on (Subscribe, streaming). Mailboxes of one stream have
   * the affinity of its first one, the anchor, whose own Subscribe is made first and without a cookie.
   */
  subscribe(mailbox: string, affinity: Affinity, signal?: AbortSignal): Promise<Subscription>;
  /** Ends a subscription (Unsubscribe). */
  unsubscribe(mailbox: string, subscriptionId: string, affinity: Affinity, signal?: AbortSignal): Promise<void>;
  /**
   * What happens through some subscriptions, as it happens (GetStreamingEvents), on a socket of its own; in the name of
   * the anchor, whose budget it is charged to. Ends with `closed` or `refused`, or rejects when the stream breaks off,
   * falls silent or outlives its time. Leaving the iteration closes the socket.
   */
  streamEvents(affinity: Affinity, request: StreamRequest, signal: AbortSignal): AsyncIterable<StreamEvent>;
  /**
   * Whom the directory knows by `entry` (ResolveNames): `smtp:` with an address or its beginning, a legacy distinguished
   * name, or a name or its beginning.
   */
  resolveNames(mailbox: string, entry: string, signal?: AbortSignal): Promise<NameResolution>;
  /** One level of a distribution list (ExpandDL). */
  expandList(mailbox: string, address: string, signal?: AbortSignal): Promise<ListExpansion>;
  /** The lists that an administrator made room lists (GetRoomLists). */
  getRoomLists(mailbox: string, signal?: AbortSignal): Promise<EwsMailboxAddress[]>;
  /** The rooms of one room list (GetRooms); none when it is no room list any more. */
  getRooms(mailbox: string, roomList: string, signal?: AbortSignal): Promise<EwsMailboxAddress[]>;
  /** Closes the sockets; calls under way are ended. */
  close(): Promise<void>;
}

/**
 * Reads calendars of one Exchange server with one service account that impersonates each mailbox. Stateless but for its
 * sockets; calls may run in parallel. Every method rejects with an `EwsError`, or with the signal's reason when aborted.
 */
export class EwsClient implements EwsCalendarReader {
  readonly #caller: EwsCaller;

  /** Opens nothing yet. @throws EwsOptionsError naming the option that cannot work. */
  constructor(options: EwsClientOptions) {
    const checked = checkClientOptions(options);
    const { url, timeoutMs, userAgent } = checked;
    this.#caller = new EwsCaller({ transport: transportFor(checked), host: url.host, timeoutMs, userAgent });
  }

  getCalendarFolder(mailbox: string, signal?: AbortSignal): Promise<CalendarFolder> {
    return getCalendarFolder(this.#caller, mailbox, signal);
  }

  syncFolderItems(mailbox: string, request: SyncFolderItemsRequest, signal?: AbortSignal): Promise<SyncPage> {
    return syncFolderItems(this.#caller, mailbox, request, signal);
  }

  findCalendarView(mailbox: string, request: CalendarViewRequest, signal?: AbortSignal): Promise<CalendarView> {
    return findCalendarView(this.#caller, mailbox, request, signal);
  }

  findStoredItems(mailbox: string, request: StoredItemsRequest, signal?: AbortSignal): Promise<StoredItemsPage> {
    return findStoredItems(this.#caller, mailbox, request, signal);
  }

  getItems(
    mailbox: string,
    requests: readonly ItemRequest[],
    options: GetItemsOptions,
    signal?: AbortSignal,
  ): Promise<ItemResult[]> {
    return getItems(this.#caller, mailbox, requests, options, signal);
  }

  subscribe(mailbox: string, affinity: Affinity, signal?: AbortSignal): Promise<Subscription> {
    return subscribe(this.#caller, mailbox, affinity, signal);
  }

  unsubscribe(mailbox: string, subscriptionId: string, affinity: Affinity, signal?: AbortSignal): Promise<void> {
    return unsubscribe(this.#caller, mailbox, subscriptionId, affinity, signal);
  }

  streamEvents(affinity: Affinity, request: StreamRequest, signal: AbortSignal): AsyncIterable<StreamEvent> {
    return streamEvents(this.#caller, affinity, request, signal);
  }

  resolveNames(mailbox: string, entry: string, signal?: AbortSignal): Promise<NameResolution> {
    return resolveNames(this.#caller, mailbox, entry, signal);
  }

  expandList(mailbox: string, address: string, signal?: AbortSignal): Promise<ListExpansion> {
    return expandList(this.#caller, mailbox, address, signal);
  }

  getRoomLists(mailbox: string, signal?: AbortSignal): Promise<EwsMailboxAddress[]> {
    return getRoomLists(this.#caller, mailbox, signal);
  }

  getRooms(mailbox: string, roomList: string, signal?: AbortSignal): Promise<EwsMailboxAddress[]> {
    return getRooms(this.#caller, mailbox, roomList, signal);
  }

  async close(): Promise<void> {
    await this.#caller.close();
  }
}
