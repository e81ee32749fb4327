import type { EwsViewItem, StoredItemsPage, UnreadableItem } from 'ews-client';

/** A folder is listed anew so often when it changes under the listing. */
const ATTEMPTS = 3;
/** More pages than this no calendar has. */
const MOST_PAGES = 1_000;

/** All that a folder stores. */
export interface StoredItems {
  /** Singles and masters. */
  readonly items: readonly EwsViewItem[];
  readonly unreadable: readonly UnreadableItem[];
}

/** A listing never came to an end. */
class EndlessListingError extends Error {
  readonly code = 'sync-endless-listing';

  constructor(mailbox: string, pages: number) {
    super(`${mailbox}: the server announces more items after ${pages} pages but brings none; it is asked again later`);
    this.name = new.target.name;
  }
}

/**
 * Lists a folder page by page. Pages are counted from the beginning, so that an item that goes meanwhile lets another
 * slip between two of them: when the total differs from page to page the folder is listed anew, and when it never stands
 * still, the list says that something may be missing (an unreadable item without an id: nothing counts as gone then).
 *
 * @param page asks for one page, given how many items come before it
 * @throws EndlessListingError; what `page` throws
 */
export async function listStoredItems(
  mailbox: string,
  page: (offset: number) => Promise<StoredItemsPage>,
): Promise<StoredItems> {
  for (let attempt = 1; ; attempt++) {
    const { steady, items, unreadable } = await listOnce(mailbox, page);
    if (steady) return { items, unreadable };
    if (attempt === ATTEMPTS) {
      return { items, unreadable: [...unreadable, { itemId: null, reason: 'the folder changed while it was listed' }] };
    }
  }
}

async function listOnce(
  mailbox: string,
  page: (offset: number) => Promise<StoredItemsPage>,
): Promise<StoredItems & { steady: boolean }> {
  const items = new Map<string, EwsViewItem>();
  const unreadable: UnreadableItem[] = [];
  let steady = true;
  let total: number | undefined;
  for (let offset = 0, pages = 1; pages <= MOST_PAGES; pages++) {
    const found = await page(offset);
    for (const item of found.items) items.set(item.itemId, item);
    unreadable.push(...found.unreadable);
    steady &&= total === undefined || found.total === total;
    total = found.total;
    if (found.complete) return { items: [...items.values()], unreadable, steady };
    const brought = found.items.length + found.unreadable.length;
    if (brought === 0) throw new EndlessListingError(mailbox, pages);
    offset += brought;
  }
  throw new EndlessListingError(mailbox, MOST_PAGES);
}
