import type { EwsCalendarItem, EwsError, ItemRequest, ItemResult } from 'ews-client';
import { describe, expect, it } from 'vitest';
import { calendarItem, ewsError } from '../testing/sample-ews-items.ts';
import { type AskForItems, fetchItems } from './fetch-items.ts';

const ids = (count: number): ItemRequest[] => Array.from({ length: count }, (_, n) => ({ itemId: `${n}` }));
const idOf = (request: ItemRequest) => ('itemId' in request ? request.itemId : request.masterOf);
const told = (items: (EwsCalendarItem | null)[]) => items.map((item) => item?.itemId ?? null);
const all = (count: number) => Array.from({ length: count }, (_, n) => `${n}`);
const internal = () => ewsError('ErrorInternalServerError', 'transient', { operation: 'GetItem' });

/** A server that answers each item as `answer` says; what was asked is kept. */
function server(answer: (id: string, batch: readonly string[]) => EwsError | undefined) {
  const batches: string[][] = [];
  const ask: AskForItems = async (requests) => {
    const batch = requests.map(idOf);
    batches.push(batch);
    return batch.map((itemId): ItemResult => {
      const error = answer(itemId, batch);
      return error === undefined ? { ok: true, item: calendarItem({ itemId }) } : { ok: false, error };
    });
  };
  return { ask, batches };
}

describe('fetchItems', () => {
  it('asks again for those, and only those, that a batch was stopped before', async () => {
    const stopped = ewsError('ErrorBatchProcessingStopped', 'size', { operation: 'GetItem' });
    const { ask, batches } = server((id, batch) => (batch.indexOf(id) >= 20 ? stopped : undefined));
    expect(told(await fetchItems(ask, ids(25)))).toEqual(all(25));
    expect(batches.map((batch) => batch.length)).toEqual([25, 5]);
    expect(batches[1]).toEqual(['20', '21', '22', '23', '24']);
  });

  it('throws when a batch is stopped before its only item, so that the sync is tried again later', async () => {
    const { ask, batches } = server(() => ewsError('ErrorBatchProcessingStopped', 'size', { operation: 'GetItem' }));
    await expect(fetchItems(ask, ids(1))).rejects.toMatchObject({ responseCode: 'ErrorBatchProcessingStopped' });
    expect(batches).toHaveLength(1);
  });

  it('asks three times for an item at which the server fails, then skips it and no other', async () => {
    const { ask, batches } = server((id) => (id === '7' ? internal() : undefined));
    expect(told(await fetchItems(ask, ids(40)))).toEqual(all(40).map((id) => (id === '7' ? null : id)));
    expect(batches.flat().filter((id) => id === '7')).toHaveLength(3);
    expect(batches.flat().filter((id) => id === '8')).toHaveLength(1);
  });

  it('comes down to the item that makes the server fail as a whole', async () => {
    const ask: AskForItems = async (requests) => {
      if (requests.some((request) => idOf(request) === '7')) throw internal();
      return requests.map((request) => ({ ok: true, item: calendarItem({ itemId: idOf(request) }) }));
    };
    expect(told(await fetchItems(ask, ids(30)))).toEqual(all(30).map((id) => (id === '7' ? null : id)));
  });

  it('does not take a server that fails at everything for one whose items are broken', async () => {
    const { ask } = server(internal);
    await expect(fetchItems(ask, ids(3))).rejects.toMatchObject({ responseCode: 'ErrorInternalServerError' });
    await expect(fetchItems(ask, ids(1))).rejects.toMatchObject({ responseCode: 'ErrorInternalServerError' });
  });

  it('stops at the first word that is about the mailbox: no item of it passes for missing', async () => {
    const { ask, batches } = server((id) => (id === '3' ? ewsError('ErrorServerBusy', 'throttle') : undefined));
    await expect(fetchItems(ask, ids(60))).rejects.toMatchObject({ responseCode: 'ErrorServerBusy' });
    expect(batches).toHaveLength(1);
  });
});
