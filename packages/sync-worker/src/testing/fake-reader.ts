import type {
  Affinity,
  CalendarFolder,
  CalendarView,
  CalendarViewRequest,
  EwsCalendarItem,
  EwsCalendarReader,
  EwsError,
  EwsViewItem,
  GetItemsOptions,
  ItemRequest,
  ItemResult,
  StreamRequest,
  Subscription,
  SyncFolderItemsRequest,
  SyncPage,
  UnreadableItem,
} from 'ews-client';
import { FakeStream } from './fake-stream.ts';

/** An Exchange server in memory, as one account reads it; what it is asked is kept. */
export class FakeReader implements EwsCalendarReader {
  items: EwsViewItem[] = [];
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

  async close(): Promise<void> {
    this.closed = true;
  }

  async #asked(mailbox: string, operation: string): Promise<void> {
    this.calls++;
    await this.before(mailbox, operation);
  }
}
