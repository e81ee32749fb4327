import type {
  Affinity,
  CalendarFolder,
  CalendarView,
  CalendarViewRequest,
  EwsCalendarItem,
  EwsCalendarReader,
  EwsMailboxAddress,
  EwsViewItem,
  GetItemsOptions,
  ItemRequest,
  ItemResult,
  ListExpansion,
  NameResolution,
  ResolvedName,
  SignInGate,
  StoredItemsPage,
  StoredItemsRequest,
  StreamRequest,
  Subscription,
  SyncFolderItemsRequest,
  SyncPage,
  UnreadableItem,
} from 'ews-client';
import { EwsAuthError, EwsError, EwsResponseError } from 'ews-client';
import { FakeStream } from './fake-stream.ts';
import { ewsAddress } from './sample-ews-items.ts';

/** An Exchange server in memory, as one account reads it; what it is asked is kept. */
export class FakeReader implements EwsCalendarReader {
  items: EwsViewItem[] = [];
  /** What the folder's plain list holds; the same as views show when nothing else is said. */
  stored: EwsViewItem[] | undefined;
  unreadable: UnreadableItem[] = [];
  /** Details by item id; of a series' master by the id of any of its occurrences, after `master of `. */
  readonly details = new Map<string, EwsCalendarItem | EwsError>();
  /** What fails only when a body is asked for. */
  readonly failsWithBody = new Map<string, EwsError>();
  /** More entries than this a view does not list. */
  viewLimit = 1000;
  /** More than this a GetItem does not take; it fails with `tooMany`. */
  batchLimit = 1000;
  tooMany: EwsError | undefined;
  readonly views: CalendarViewRequest[] = [];
  readonly batches: { ids: string[]; body: string }[] = [];
  /** Called before every answer; what it throws is the answer. */
  before: (mailbox: string, operation: string) => Promise<void> | void = () => undefined;
  /** Streams that were opened, the newest last. */
  readonly streams: FakeStream[] = [];
  /** Live subscriptions: their mailboxes by id. */
  readonly subscriptions = new Map<string, string>();
  readonly affinities: { mailbox: string; affinity: Affinity }[] = [];
  /** Name of the machine that a mailbox is on; another one than the anchor's does not take its subscription. */
  backEndOf: (mailbox: string) => string = () => 'mbx1';
  /** Stands before every call, as if each sent the password. */
  gate: SignInGate | undefined;
  #subscribed = 0;
  calls = 0;
  closed = false;

  async getCalendarFolder(mailbox: string): Promise<CalendarFolder> {
    await this.#asked(mailbox, 'GetFolder');
    return { folderId: 'folder', serverTime: new Date('2026-03-01T00:00:00Z') };
  }

  async syncFolderItems(mailbox: string, _request: SyncFolderItemsRequest): Promise<SyncPage> {
    await this.#asked(mailbox, 'SyncFolderItems');
    const changes = [
      { kind: 'create', itemId: 'came' },
      { kind: 'readFlag', itemId: 'read' },
      { kind: 'delete', itemId: 'went' },
    ] as const;
    return { syncState: 'state', complete: true, changes, ignored: 0 };
  }

  async findCalendarView(mailbox: string, request: CalendarViewRequest): Promise<CalendarView> {
    await this.#asked(mailbox, 'FindItem');
    this.views.push(request);
    const shown = this.items.filter(({ start, end }) => end >= request.from && start < request.to);
    const complete = shown.length <= this.viewLimit;
    return {
      items: shown.slice(0, this.viewLimit),
      unreadable: this.unreadable,
      complete,
      total: shown.length,
    };
  }

  async findStoredItems(mailbox: string, { offset, maxEntries = 1000 }: StoredItemsRequest): Promise<StoredItemsPage> {
    await this.#asked(mailbox, 'FindItem');
    const stored = this.stored ?? this.items;
    const items = stored.slice(offset, offset + maxEntries);
    return {
      items,
      unreadable: this.unreadable,
      complete: offset + items.length >= stored.length,
      total: stored.length,
    };
  }

  async getItems(mailbox: string, requests: readonly ItemRequest[], { body }: GetItemsOptions): Promise<ItemResult[]> {
    await this.#asked(mailbox, 'GetItem');
    const ids = requests.map((request) => ('itemId' in request ? request.itemId : `master of ${request.masterOf}`));
    this.batches.push({ ids, body });
    if (this.tooMany !== undefined && ids.length > this.batchLimit) throw this.tooMany;
    return ids.map((id): ItemResult => {
      const found = (body === 'preview' && this.failsWithBody.get(id)) || this.details.get(id);
      if (found === undefined) throw new Error(`nobody said what ${id} is`);
      return found instanceof Error ? { ok: false, error: found } : { ok: true, item: found };
    });
  }

  async subscribe(mailbox: string, affinity: Affinity): Promise<Subscription> {
    await this.#asked(mailbox, 'Subscribe');
    this.affinities.push({ mailbox, affinity });
    const subscriptionId = `s${++this.#subscribed}`;
    this.subscriptions.set(subscriptionId, mailbox);
    return { subscriptionId, cookie: mailbox === affinity.anchor ? `${this.backEndOf(mailbox)}~cookie` : null };
  }

  async unsubscribe(mailbox: string, subscriptionId: string, _affinity: Affinity): Promise<void> {
    await this.#asked(mailbox, 'Unsubscribe');
    this.subscriptions.delete(subscriptionId);
  }

  streamEvents(affinity: Affinity, request: StreamRequest, signal: AbortSignal): FakeStream {
    const stream = new FakeStream(affinity, request, signal);
    this.streams.push(stream);
    return stream;
  }

  /** What the directory knows, by the entry that is asked for. */
  readonly names = new Map<string, ResolvedName[]>();
  /** Members of lists by address. */
  readonly lists = new Map<string, EwsMailboxAddress[]>();
  /** Rooms by room list. */
  readonly rooms = new Map<string, EwsMailboxAddress[]>();

  async resolveNames(mailbox: string, entry: string): Promise<NameResolution> {
    await this.#asked(mailbox, 'ResolveNames');
    return { found: this.names.get(entry) ?? [], complete: true };
  }

  async expandList(mailbox: string, address: string): Promise<ListExpansion> {
    await this.#asked(mailbox, 'ExpandDL');
    return { expandable: true, members: this.lists.get(address) ?? [], complete: true };
  }

  async getRoomLists(mailbox: string): Promise<EwsMailboxAddress[]> {
    await this.#asked(mailbox, 'GetRoomLists');
    return [...this.rooms.keys()].map((address) => ewsAddress(address, 'PublicDL'));
  }

  async getRooms(mailbox: string, roomList: string): Promise<EwsMailboxAddress[]> {
    await this.#asked(mailbox, 'GetRooms');
    return this.rooms.get(roomList) ?? [];
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  async #asked(mailbox: string, operation: string): Promise<void> {
    const use = await this.gate?.enter(new AbortController().signal);
    this.calls++;
    try {
      await this.before(mailbox, operation);
    } catch (failure) {
      if (failure instanceof EwsAuthError) await use?.refused(failure);
      // Exchange let us in when it speaks of a mailbox.
      else if (failure instanceof EwsResponseError) use?.accepted();
      else await use?.unanswered(!(failure instanceof EwsError));
      throw failure;
    }
    use?.accepted();
  }
}
