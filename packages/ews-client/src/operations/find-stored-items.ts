import type { EwsCaller } from '../ews-caller.ts';
import { viewShape } from '../item-properties.ts';
import { FoundEntries, type FoundItems, readFoundItems } from '../read-found-items.ts';
import { checkCount } from '../request-checks.ts';

export interface StoredItemsRequest {
  readonly folderId: string;
  /** How many items to pass over: 0 begins the list. */
  readonly offset: number;
  /** 1–1000, default 1000. */
  readonly maxEntries?: number | undefined;
}

/** One page of a folder's items: singles and masters of series, whenever they are. */
export type StoredItemsPage = FoundItems;

/** FindItem without a CalendarView: what the folder stores, a page at a time. */
export async function findStoredItems(
  caller: EwsCaller,
  mailbox: string,
  request: StoredItemsRequest,
  signal: AbortSignal | undefined,
): Promise<StoredItemsPage> {
  const place = caller.place(mailbox, 'FindItem');
  const maxEntries = checkCount('maxEntries', request.maxEntries ?? 1000, 1000, place);
  const entries = new FoundEntries(maxEntries);
  const answer = await caller.callForOne({
    operation: 'FindItem',
    mailbox,
    body: {
      attributes: { Traversal: 'Shallow' },
      ItemShape: viewShape,
      IndexedPageItemView: {
        attributes: { MaxEntriesReturned: maxEntries, Offset: request.offset, BasePoint: 'Beginning' },
      },
      ParentFolderIds: { FolderId: { attributes: { Id: request.folderId } } },
    },
    parts: entries,
    signal,
  });
  return readFoundItems(answer, entries, place);
}
