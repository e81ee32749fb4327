import type { CalendarProvider } from './calendar-provider.ts';
import { type LostAtProvider, ProviderError } from './provider-error.ts';

/** More pages than this in one cycle no calendar has (docs/reference/exchange.md §12.20). */
const MOST_PAGES = 2_000;
/** Pages in a row that announce more and bring nothing. */
const MOST_EMPTY_PAGES = 20;

/** Where a sync begins. */
export interface SyncPosition {
  readonly folderId: string;
  /** Null lists the whole folder. */
  readonly syncState: string | null;
}

/** Everything that changed since a sync position. */
export interface Drained {
  readonly folderId: string;
  readonly syncState: string;
  /**
   * Ids of the items that came, changed or went, singles and masters; null when the folder was listed from its beginning,
   * so that nothing is known of what went meanwhile.
   */
  readonly changedItems: ReadonlySet<string> | null;
}

/** SyncFolderItems never came to an end. */
export class EndlessSyncError extends Error {
  readonly code = 'sync-endless-paging';

  constructor(mailbox: string, page: number) {
    super(`${mailbox}: the server announced more changes after ${page} pages but brings none; it is asked again later`);
    this.name = new.target.name;
  }
}

/**
 * Reads all changes since a position. A state that the server no longer takes is dropped and the folder listed whole; a
 * folder that it no longer knows is looked up again first. The cache is never emptied for it: the view that follows
 * reconciles it (docs/reference/exchange.md §5.3).
 *
 * @throws EndlessSyncError; what the provider throws
 */
export async function drainChanges(
  provider: CalendarProvider,
  mailbox: string,
  from: SyncPosition,
  signal: AbortSignal,
): Promise<Drained> {
  try {
    return await drain(provider, mailbox, from, signal);
  } catch (error) {
    if (isLost(error, 'sync-state') && from.syncState !== null) {
      // Some servers look at the state first: that the folder is lost too shows only without it.
      return drainChanges(provider, mailbox, { ...from, syncState: null }, signal);
    }
    if (!isLost(error, 'folder')) throw error;
    const { folderId } = await provider.open(mailbox, signal);
    if (folderId === from.folderId && from.syncState === null) throw error;
    return drain(provider, mailbox, { folderId, syncState: null }, signal);
  }
}

async function drain(
  provider: CalendarProvider,
  mailbox: string,
  { folderId, syncState: from }: SyncPosition,
  signal: AbortSignal,
): Promise<Drained> {
  const changedItems = new Set<string>();
  let syncState = from;
  let empty = 0;
  for (let page = 1; page <= MOST_PAGES; page++) {
    const changes = await provider.changes(mailbox, folderId, syncState, signal);
    // A folder listed from its beginning names everything: what the view shows tells alone then.
    if (from !== null) for (const itemId of changes.itemIds) changedItems.add(itemId);
    if (changes.complete)
      return { folderId, syncState: changes.syncState, changedItems: from === null ? null : changedItems };
    empty = changes.itemIds.length === 0 ? empty + 1 : 0;
    if (changes.syncState === syncState || empty >= MOST_EMPTY_PAGES) throw new EndlessSyncError(mailbox, page);
    syncState = changes.syncState;
  }
  throw new EndlessSyncError(mailbox, MOST_PAGES);
}

function isLost(error: unknown, what: LostAtProvider): boolean {
  return error instanceof ProviderError && error.lost === what;
}
