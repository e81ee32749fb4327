import { BasicTransport } from './basic-transport.ts';
import { checkClientOptions, type EwsClientOptions } from './client-options.ts';
import { type Affinity, EwsCaller } from './ews-caller.ts';
import { HttpConnections } from './http-connections.ts';
import { type CalendarView, type CalendarViewRequest, findCalendarView } from './operations/find-calendar-view.ts';
import { type CalendarFolder, getCalendarFolder } from './operations/get-calendar-folder.ts';
import { type GetItemsOptions, getItems, type ItemRequest, type ItemResult } from './operations/get-items.ts';
import { type StreamEvent, type StreamRequest, streamEvents } from './operations/get-streaming-events.ts';
import { type Subscription, subscribe } from './operations/subscribe.ts';
import { type SyncFolderItemsRequest, type SyncPage, syncFolderItems } from './operations/sync-folder-items.ts';
import { unsubscribe } from './operations/unsubscribe.ts';

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
    const { url, login, password, ca, connections, timeoutMs, userAgent } = checkClientOptions(options);
    const transport = new BasicTransport(new HttpConnections({ url, trust: { ca }, connections }), login, password);
    this.#caller = new EwsCaller({ transport, host: url.host, timeoutMs, userAgent });
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

  async close(): Promise<void> {
    await this.#caller.close();
  }
}
