import type { EwsCalendarItem, EwsError, ItemRequest, ItemResult } from 'ews-client';
import { describe, expect, it } from 'vitest';
import { calendarItem, ewsError } from '../testing/sample-ews-items.ts';
import { type AskForItems, fetchItems as fetchWithin } from './fetch-items.ts';
import { SingleQuestions } from './single-questions.ts';

const ids = (count: number): ItemRequest[] => Array.from({ length: count }, (_, n) => ({ itemId: `${n}` }));
const idOf = (request: ItemRequest) => ('itemId' in request ? request.itemId : request.masterOf);
const told = (items: (EwsCalendarItem | null)[]) => items.map((item) => item?.itemId ?? null);
const all = (count: number) => Array.from({ length: count }, (_, n) => `${n}`);
const fetchItems = (ask: AskForItems, requests: readonly ItemRequest[], alone = new SingleQuestions()) =>
  fetchWithin(ask, requests, alone);
const unforeseen = (code = 'ErrorRecurrenceHasNoOccurrence') => ewsError(code, 'unknown', { operation: 'GetItem' });
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

  it.each([
    ['ErrorRecurrenceHasNoOccurrence', 'unknown'],
    ['ErrorPropertyValidationFailure', 'unknown'],
    ['ErrorAccessDenied', 'mailbox'],
    ['ErrorInvalidRequest', 'config'],
  ] as const)(
    'takes %s of one item among others for its own: asks for it once alone, then skips it',
    async (code, of) => {
      const { ask, batches } = server((id) => (id === '7' ? ewsError(code, of) : undefined));
      expect(told(await fetchItems(ask, ids(40)))).toEqual(all(40).map((id) => (id === '7' ? null : id)));
      expect(batches.map((batch) => batch.length)).toEqual([25, 15, 1]);
      expect(batches.at(-1)).toEqual(['7']);
    },
  );

  it('takes an item that comes when it is asked for alone', async () => {
    const { ask } = server((id, batch) => (id === '2' && batch.length > 1 ? unforeseen() : undefined));
    expect(told(await fetchItems(ask, ids(3)))).toEqual(all(3));
  });

  it('skips a lone item with an unforeseen code, but not one whose code is about the mailbox', async () => {
    expect(await fetchItems(server(() => unforeseen()).ask, ids(1))).toEqual([null]);
    const { ask } = server(() => ewsError('ErrorAccessDenied', 'mailbox'));
    await expect(fetchItems(ask, ids(1))).rejects.toMatchObject({ responseCode: 'ErrorAccessDenied' });
  });

  it('takes one code in the place of more than half of five or more items for the mailbox’s', async () => {
    const failing = (count: number) => server((id) => (Number(id) < count ? unforeseen() : undefined));
    await expect(fetchItems(failing(3).ask, ids(5))).rejects.toMatchObject({
      responseCode: 'ErrorRecurrenceHasNoOccurrence',
    });
    expect(told(await fetchItems(failing(2).ask, ids(5)))).toEqual([null, null, '2', '3', '4']);
    expect(told(await fetchItems(failing(3).ask, ids(4)))).toEqual([null, null, null, '3']);
    expect(told(await fetchItems(failing(4).ask, ids(4)))).toEqual([null, null, null, null]);
  });

  it('takes different codes in the place of most items for those of the items', async () => {
    const { ask } = server((id) => (id === '4' ? undefined : unforeseen(`ErrorNumber${Number(id) % 2}`)));
    expect(told(await fetchItems(ask, ids(5)))).toEqual([null, null, null, null, '4']);
  });

  it('asks at most twenty times a sync for a single item, and skips the rest', async () => {
    const { ask, batches } = server((id) => (Number(id) % 3 === 0 ? unforeseen() : undefined));
    const alone = new SingleQuestions();
    for (let round = 0; round < 2; round++) {
      expect(told(await fetchItems(ask, ids(75), alone))).toEqual(
        all(75).map((id) => (Number(id) % 3 === 0 ? null : id)),
      );
    }
    expect(batches.filter((batch) => batch.length === 1)).toHaveLength(20);
  });

  it('leaves a code of load or size in a single question to its own rule', async () => {
    const { ask } = server((id, batch) => {
      if (id !== '7') return undefined;
      return batch.length > 1 ? unforeseen() : ewsError('ErrorServerBusy', 'throttle');
    });
    await expect(fetchItems(ask, ids(10))).rejects.toMatchObject({ responseCode: 'ErrorServerBusy' });
    const move = server((id) => (id === '7' ? ewsError('ErrorMailboxMoveInProgress', 'moving') : undefined));
    await expect(fetchItems(move.ask, ids(10))).rejects.toMatchObject({ responseCode: 'ErrorMailboxMoveInProgress' });
  });
});
