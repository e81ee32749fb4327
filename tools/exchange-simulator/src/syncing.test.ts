import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ExchangeSimulator } from './start-exchange-simulator.ts';
import { control, startCompany } from './testing/fixture.ts';
import { calendarItem, createItems, deleteItems, itemId, set, syncItems, updateItem } from './testing/requests.ts';
import { attributes, codes, soap, texts } from './testing/soap-client.ts';

let simulator: ExchangeSimulator;

beforeEach(async () => {
  simulator = await startCompany();
});
afterEach(() => simulator.close());

async function create(count: number): Promise<string[]> {
  const items = Array.from({ length: count }, (_, n) =>
    calendarItem(`Item ${n}`, '2026-09-01T08:00:00Z', '2026-09-01T09:00:00Z'),
  );
  return attributes((await soap(simulator, createItems(items.join('')))).text, 'ItemId', 'Id');
}

interface Page {
  changes: string[];
  ids: string[];
  state: string;
  last: boolean;
}

async function page(state = '', max = 512): Promise<Page> {
  const reply = await soap(simulator, syncItems(state, max));
  expect(codes(reply)).toEqual(['NoError']);
  return {
    changes: [...reply.text.matchAll(/<t:(Create|Update|Delete|ReadFlagChange)>/g)].map((match) => match[1]!),
    ids: attributes(reply.text, 'ItemId', 'Id'),
    state: texts(reply.text, 'SyncState')[0]!,
    last: texts(reply.text, 'IncludesLastItemInRange')[0] === 'true',
  };
}

const rename = (id: string) =>
  soap(simulator, updateItem(itemId(id), set({ 'item:Subject': '<t:Subject>new</t:Subject>' })));
const remove = (id: string) => soap(simulator, deleteItems(itemId(id)));

test('the first sync lists the whole folder in pages, later ones only what changed, in order', async () => {
  const ids = await create(5);
  const seen: string[] = [];
  let state = '';
  for (const expected of [2, 2, 1]) {
    const next = await page(state, 2);
    expect(next.ids).toHaveLength(expected);
    expect(next.last).toBe(expected === 1);
    seen.push(...next.ids);
    state = next.state;
  }
  expect(seen).toEqual(ids);
  await rename(ids[3]!);
  await remove(ids[0]!);
  await rename(ids[1]!);
  const [added] = await create(1);
  const changed = await page(state);
  expect(changed.changes).toEqual(['Update', 'Delete', 'Update', 'Create']);
  expect(changed.ids).toEqual([ids[3], ids[0], ids[1], added]);
  expect((await page(changed.state)).changes).toEqual([]);
});

test('what changes while the first listing is paged comes again afterwards', async () => {
  const ids = await create(4);
  const first = await page('', 2);
  await rename(ids[0]!);
  await remove(ids[3]!);
  const second = await page(first.state, 2);
  expect(second.ids).toEqual([ids[2]]);
  expect(second.last).toBe(false);
  const third = await page(second.state, 2);
  expect(third.changes).toEqual(['Update', 'Delete']);
  expect(third.last).toBe(true);
});

test('an item made and removed between two syncs is a deletion of an unknown id at most', async () => {
  const { state } = await page();
  const [id] = await create(1);
  await remove(id!);
  expect((await page(state)).changes).toEqual(['Delete']);
});

test('the same state gives the same changes again', async () => {
  const { state } = await page();
  await create(3);
  const once = await page(state, 2);
  const again = await page(state, 2);
  expect(again.ids).toEqual(once.ids);
  expect((await page(once.state, 2)).ids).toHaveLength(1);
});

test('a damaged, foreign, unknown or lost state is invalid, and the refusal carries an empty one', async () => {
  await create(1);
  const { state } = await page();
  const inbox = await soap(simulator, syncItems(state, 10, { folder: '<t:DistinguishedFolderId Id="inbox"/>' }));
  const other = await soap(simulator, syncItems(state, 10), { as: 'boris@corp.example' });
  const cut = await soap(simulator, syncItems(state.slice(0, -8), 10));
  for (const reply of [inbox, other, cut, await soap(simulator, syncItems('AAAA', 10))]) {
    expect(codes(reply)).toEqual(['ErrorInvalidSyncStateData']);
    expect(texts(reply.text, 'SyncState')).toEqual(['']);
  }
  await control(simulator, 'POST', '/sync-states/lose');
  expect(codes(await soap(simulator, syncItems(state, 10)))).toEqual(['ErrorInvalidSyncStateData']);
});

test('moving to Deleted Items is a deletion here and a creation there under another id', async () => {
  const [id] = await create(1);
  const { state } = await page();
  await soap(simulator, deleteItems(itemId(id!), 'MoveToDeletedItems'));
  expect(await page(state)).toMatchObject({ changes: ['Delete'], ids: [id] });
  const bin = await soap(simulator, syncItems('', 10, { folder: '<t:DistinguishedFolderId Id="deleteditems"/>' }));
  expect(attributes(bin.text, 'ItemId', 'Id')).toHaveLength(1);
  expect(attributes(bin.text, 'ItemId', 'Id')).not.toEqual([id]);
});

test.each(['0', '513', 'many'])('MaxChangesReturned %s is refused', async (max) => {
  const reply = await soap(simulator, syncItems().replace('>512<', `>${max}<`));
  expect(codes(reply)).toEqual(['ErrorSchemaValidation']);
});
