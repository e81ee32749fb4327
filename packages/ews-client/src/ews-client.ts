import type { EwsCalendarItem, EwsViewItem } from './calendar-item.ts';
import type { EwsError } from './ews-error.ts';

/** How to reach one Exchange server with one service account. */
export interface EwsClientOptions {
  /** `https://host/EWS/Exchange.asmx`. */
  readonly url: string;
  /** `user`, `DOMAIN\user` or `user@domain`. */
  readonly login: string;
  readonly password: string;
  /** PEM certificates to trust instead of the built-in ones. */
  readonly ca?: string | undefined;
  /** For one call as a whole; default 120000. */
  readonly timeoutMs?: number | undefined;
  /** Sockets to the host; default 4. */
  readonly connections?: number | undefined;
  readonly userAgent?: string | undefined;
}

export interface CalendarFolder {
  readonly folderId: string;
}

/** One entry of `m:Changes`; the item's details are not asked for. */
export interface SyncChange {
  readonly kind: 'create' | 'update' | 'delete' | 'readFlag';
  readonly itemId: string;
}

export interface SyncFolderItemsRequest {
  readonly folderId: string;
  /** Null lists the whole folder. */
  readonly syncState: string | null;
  /** 1–512, default 512. */
  readonly maxChanges?: number | undefined;
}

export interface SyncPage {
  /** Never empty. */
  readonly syncState: string;
  /** False: more changes wait, ask again with the new state. */
  readonly complete: boolean;
  /** In the server's order; the same id may come more than once. */
  readonly changes: readonly SyncChange[];
  /** Changes of kinds that no calendar has; skipped. */
  readonly ignored: number;
}

export interface CalendarViewRequest {
  /** Default: the mailbox's calendar. */
  readonly folderId?: string | undefined;
  readonly from: Date;
  readonly to: Date;
  /** 1–1000, default 1000. */
  readonly maxEntries?: number | undefined;
}

/** An item that came but could not be understood; never a reason to delete it. */
export interface UnreadableItem {
  readonly itemId: string | null;
  /** Names the missing or broken field, no content. */
  readonly reason: string;
}

export interface CalendarView {
  readonly items: readonly EwsViewItem[];
  readonly unreadable: readonly UnreadableItem[];
  /** False: the server cut the list; ask for a smaller time range. */
  readonly complete: boolean;
  /** `TotalItemsInView` as the server counts. */
  readonly total: number;
}

/** An item by its own id, or the master of the series that an occurrence belongs to. */
export type ItemRequest = { readonly itemId: string } | { readonly masterOf: string };

export type ItemResult =
  | { readonly ok: true; readonly item: EwsCalendarItem }
  | { readonly ok: false; readonly error: EwsError };

export interface GetItemsOptions {
  /** `none` also when a body is what makes an item unreadable. */
  readonly body: 'preview' | 'none';
}

/**
 * Reads calendars of one Exchange server, impersonating each mailbox. Stateless but for its sockets; calls may run in
 * parallel. Every method rejects with an `EwsError`, or with the signal's reason when aborted.
 */
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
  /** Closes the sockets; calls under way are ended. */
  close(): Promise<void>;
}

export declare class EwsClient implements EwsCalendarReader {
  constructor(options: EwsClientOptions);
  getCalendarFolder(mailbox: string, signal?: AbortSignal): Promise<CalendarFolder>;
  syncFolderItems(mailbox: string, request: SyncFolderItemsRequest, signal?: AbortSignal): Promise<SyncPage>;
  findCalendarView(mailbox: string, request: CalendarViewRequest, signal?: AbortSignal): Promise<CalendarView>;
  getItems(
    mailbox: string,
    requests: readonly ItemRequest[],
    options: GetItemsOptions,
    signal?: AbortSignal,
  ): Promise<ItemResult[]>;
  close(): Promise<void>;
}
