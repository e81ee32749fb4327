import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JournalEntry } from '../journal.ts';
import type { ExchangeSimulator } from '../start-exchange-simulator.ts';
import { eventually } from '../testing/eventually.ts';
import { control, startCompany } from '../testing/fixture.ts';
import { calendarItem, createItems, getFolder, getItems, itemId, syncItems } from '../testing/requests.ts';
import { attributes, codes, soap, texts } from '../testing/soap-client.ts';
import { streamBody, subscribeBody, subscribeTo, TestStream } from '../testing/stream-client.ts';

const ANNA = 'anna@corp.example';
const BORIS = 'boris@corp.example';

let simulator: ExchangeSimulator;

/** Anna lives on EX01, Boris on EX02. */
beforeEach(async () => {
  simulator = await startCompany();
  await control(simulator, 'PATCH', '/settings', { backEnds: [{ name: 'EX01' }, { name: 'EX02' }] });
  await control(simulator, 'POST', '/seed', { mailboxes: [{ address: BORIS, backEnd: 'EX02' }] });
});
afterEach(() => simulator.close());

async function act<T>(path: string, body?: object): Promise<T> {
  const { status, json } = await control<T>(simulator, 'POST', path, body);
  expect(status, JSON.stringify(json)).toBe(200);
  return json;
}

async function create(as: string): Promise<string> {
  const body = createItems(calendarItem('x', '2026-09-07T08:00:00Z', '2026-09-07T09:00:00Z'));
  return attributes((await soap(simulator, body, { as })).text, 'ItemId', 'Id')[0]!;
}

function anchored(address: string) {
  return { as: address, headers: { 'x-anchormailbox': address, 'x-preferserveraffinity': 'true' } };
}

async function openStream(address: string): Promise<{ stream: TestStream; id: string }> {
  const { id } = await subscribeTo(simulator, address, anchored(address));
  return { id, stream: await TestStream.open(simulator, [id], anchored(address)) };
}

test('a restart cuts every socket, comes back, loses subscriptions and keeps the data', async () => {
  const { stream, id } = await openStream(ANNA);
  const item = await create(ANNA);
  const state = texts((await soap(simulator, syncItems())).text, 'SyncState')[0]!;
  await act('/restart', { downMs: 50 });
  await eventually(() => stream.ending).toBe('cut');
  await eventually(async () => (await soap(simulator, getFolder()).catch(() => undefined))?.status).toBe(200);
  expect(codes(await soap(simulator, streamBody([id]), anchored(ANNA)))).toEqual(['ErrorSubscriptionNotFound']);
  expect(codes(await soap(simulator, getItems(itemId(item))))).toEqual(['NoError']);
  expect(codes(await soap(simulator, syncItems(state)))).toEqual(['NoError']);
});

test('a server that is down refuses connections, and can be ended', async () => {
  await act('/restart', { downMs: 60_000 });
  await expect(soap(simulator, getFolder())).rejects.toThrow('fetch failed');
  await simulator.close();
  simulator = await startCompany();
});

test('an outage answers 503 until it is lifted, before any login, and cuts the streams', async () => {
  const { stream } = await openStream(ANNA);
  const { id } = await act<{ id: string }>('/outages', { retryAfterSeconds: 7 });
  await eventually(() => stream.ending).toBe('cut');
  const reply = await soap(simulator, getFolder(), { login: null });
  expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '7']);
  const { json } = await control<JournalEntry[]>(simulator, 'GET', '/journal');
  expect(json.at(-1)).toMatchObject({ status: 503, fault: id });
  expect((await control(simulator, 'DELETE', `/outages/${id}`)).status).toBe(200);
  expect((await soap(simulator, getFolder())).status).toBe(200);
});

test('an outage of one server strikes its mailboxes only, and ends by itself', async () => {
  const anna = await openStream(ANNA);
  const boris = await openStream(BORIS);
  await act('/outages', { backEnd: 'EX02', status: 502 });
  expect((await soap(simulator, getFolder(), { as: BORIS })).status).toBe(502);
  expect((await soap(simulator, getFolder(), { as: ANNA })).status).toBe(200);
  await eventually(() => boris.stream.ending).toBe('cut');
  expect(anna.stream.ending).toBe('open');
  anna.stream.abort();
  await control(simulator, 'DELETE', '/outages');
  await act('/outages', { backEnd: 'EX02', forMs: 20 });
  await eventually(async () => (await soap(simulator, getFolder(), { as: BORIS })).status).toBe(200);
});

test('a lost mailbox server answers with an error for each element, loses its subscriptions, and comes back', async () => {
  const items = [await create(BORIS), await create(BORIS)];
  const { stream, id } = await openStream(BORIS);
  const away = await subscribeTo(simulator, BORIS, { ...anchored(ANNA), as: BORIS });
  const awayStream = await TestStream.open(simulator, [away.id], anchored(ANNA));
  await act('/back-ends/EX02/lose');
  await eventually(() => stream.ending).toBe('cut');
  await eventually(() => awayStream.ending).toBe('end');
  expect(texts(awayStream.text, 'ResponseCode')).toContain('ErrorReadEventsFailed');
  const unavailable = 'ErrorMailboxStoreUnavailable';
  expect(codes(await soap(simulator, getItems(items.map((item) => itemId(item)).join('')), { as: BORIS }))).toEqual([
    unavailable,
    unavailable,
  ]);
  const refused = [
    getFolder(),
    syncItems(),
    subscribeBody(),
    subscribeBody('', undefined, ' SubscribeToAllFolders="1"'),
  ];
  for (const body of refused) expect(codes(await soap(simulator, body, { as: BORIS })), body).toEqual([unavailable]);
  const meeting = createItems(calendarItem('y', '2026-09-07T08:00:00Z', '2026-09-07T09:00:00Z'));
  expect(codes(await soap(simulator, meeting, { as: BORIS }))).toEqual([unavailable]);
  expect(codes(await soap(simulator, getFolder(), { as: ANNA }))).toEqual(['NoError']);
  const stray = await subscribeTo(simulator, ANNA, { ...anchored(BORIS), as: ANNA });
  expect(codes(stray.reply)).toEqual([unavailable]);
  expect(await act('/back-ends/EX02/regain')).toEqual({ ended: 1 });
  expect(codes(await soap(simulator, getItems(itemId(items[0]!)), { as: BORIS }))).toEqual(['NoError']);
  expect(codes(await soap(simulator, streamBody([id]), anchored(BORIS)))).toEqual(['ErrorSubscriptionNotFound']);
  await act('/back-ends/EX02/lose', { code: 'ErrorMailboxFailover', form: 'soapFault' });
  const fault = await soap(simulator, getFolder(), { as: BORIS });
  expect([fault.status, ...codes(fault)]).toEqual([500, 'ErrorMailboxFailover']);
});

test('a moved mailbox is out of reach meanwhile, then on its new server with ids and states as before', async () => {
  const item = await create(ANNA);
  const state = texts((await soap(simulator, syncItems())).text, 'SyncState')[0]!;
  const { stream } = await openStream(ANNA);
  await act(`/mailboxes/${ANNA}/move`, { backEnd: 'EX02', forMs: 600_000 });
  expect(codes(await soap(simulator, getFolder()))).toEqual(['ErrorMailboxMoveInProgress']);
  await eventually(() => stream.ending).toBe('end');
  expect(texts(stream.text, 'ResponseCode')).toContain('ErrorReadEventsFailed');
  await control(simulator, 'DELETE', '/outages');
  expect(codes(await soap(simulator, getFolder()))).toEqual(['NoError']);
  expect(codes(await soap(simulator, getItems(itemId(item))))).toEqual(['NoError']);
  expect(codes(await soap(simulator, syncItems(state)))).toEqual(['NoError']);
  const { reply } = await subscribeTo(simulator, ANNA, anchored(ANNA));
  expect(reply.headers.get('x-targetbeserver')).toBe('EX02');
});

test('a move can void sync states, or all ids too', async () => {
  const item = await create(ANNA);
  const state = texts((await soap(simulator, syncItems())).text, 'SyncState')[0]!;
  await act(`/mailboxes/${ANNA}/move`, { syncStates: 'refuse' });
  expect(codes(await soap(simulator, syncItems(state)))).toEqual(['ErrorInvalidSyncStateData']);
  expect(codes(await soap(simulator, getItems(itemId(item))))).toEqual(['NoError']);
  const fresh = texts((await soap(simulator, syncItems())).text, 'SyncState')[0]!;
  await act(`/mailboxes/${ANNA}/move`, { ids: 'renew' });
  expect(codes(await soap(simulator, getItems(itemId(item))))).toEqual(['ErrorItemNotFound']);
  expect(codes(await soap(simulator, syncItems(fresh)))).toEqual(['ErrorInvalidSyncStateData']);
  const listed = await soap(simulator, syncItems());
  expect(attributes(listed.text, 'ItemId', 'Id')).toHaveLength(1);
  expect(attributes(listed.text, 'ItemId', 'Id')).not.toEqual([item]);
});

test('a control request about what does not exist says so', async () => {
  const wrong: [string, object, number][] = [
    ['/outages', { backEnd: 'EX99' }, 404],
    ['/outages', { mailbox: 'nobody@corp.example' }, 404],
    ['/outages', { code: 'ErrorServerBusy', status: 503 }, 400],
    ['/mailboxes/nobody@corp.example/move', {}, 404],
    [`/mailboxes/${ANNA}/move`, { backEnd: 'EX99' }, 404],
    ['/back-ends/EX99/lose', {}, 404],
  ];
  for (const [path, body, status] of wrong) expect((await control(simulator, 'POST', path, body)).status).toBe(status);
});
