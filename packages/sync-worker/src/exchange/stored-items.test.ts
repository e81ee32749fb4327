import type { StoredItemsPage } from 'ews-client';
import { describe, expect, it } from 'vitest';
import { viewItem } from '../testing/sample-ews-items.ts';
import { listStoredItems } from './stored-items.ts';

const MAILBOX = 'anna@corp.example';
const SIZE = 2;

/** Pages of a folder that may change between them. */
function pages(folder: string[], beforePage: (count: number) => void = () => undefined) {
  let count = 0;
  return async (offset: number): Promise<StoredItemsPage> => {
    beforePage(++count);
    const ids = folder.slice(offset, offset + SIZE);
    const items = ids.map((itemId) => viewItem({ itemId }));
    return { items, unreadable: [], complete: offset + SIZE >= folder.length, total: folder.length };
  };
}

describe('listStoredItems', () => {
  it('reads all pages', async () => {
    const { items, unreadable } = await listStoredItems(MAILBOX, pages(['a', 'b', 'c', 'd', 'e']));
    expect([items.map(({ itemId }) => itemId).join(''), unreadable]).toEqual(['abcde', []]);
  });

  it('begins anew when something went between two pages, so that nothing slips through', async () => {
    const folder = ['a', 'b', 'c', 'd', 'e'];
    const page = pages(folder, (count) => count === 2 && folder.shift());
    const { items, unreadable } = await listStoredItems(MAILBOX, page);
    expect([items.map(({ itemId }) => itemId).join(''), unreadable]).toEqual(['bcde', []]);
  });

  it('says that something may be missing when the folder never stands still', async () => {
    const folder = ['a', 'b', 'c', 'd', 'e'];
    const { unreadable } = await listStoredItems(
      MAILBOX,
      pages(folder, (count) => folder.push(`${count}`) && count),
    );
    expect(unreadable.map(({ itemId }) => itemId)).toEqual([null]);
  });

  it('ends when more is announced and nothing comes', async () => {
    const empty = async (): Promise<StoredItemsPage> => ({ items: [], unreadable: [], complete: false, total: 9 });
    await expect(listStoredItems(MAILBOX, empty)).rejects.toMatchObject({ code: 'sync-endless-listing' });
  });
});
