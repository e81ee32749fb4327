import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ExchangeSimulator } from '../start-exchange-simulator.ts';
import { eventually } from '../testing/eventually.ts';
import { control, startCompany } from '../testing/fixture.ts';
import { calendarItem, createItems } from '../testing/requests.ts';
import { codes, soap, texts } from '../testing/soap-client.ts';
import { streamBody, subscribeTo, TestStream } from '../testing/stream-client.ts';

const ANNA = 'anna@corp.example';
const BORIS = 'boris@corp.example';

let simulator: ExchangeSimulator;
let anna: TestStream;
let boris: TestStream;
let ids: { anna: string; boris: string };

beforeEach(async () => {
  simulator = await startCompany();
  await settings({ folderEvents: false });
  ids = { anna: (await subscribeTo(simulator, ANNA)).id, boris: (await subscribeTo(simulator, BORIS)).id };
  anna = await TestStream.open(simulator, [ids.anna]);
  boris = await TestStream.open(simulator, [ids.boris]);
});
afterEach(async () => {
  anna.abort();
  boris.abort();
  await simulator.close();
});

async function settings(streaming: object): Promise<void> {
  expect((await control(simulator, 'PATCH', '/settings', { streaming })).status).toBe(200);
}

async function act(path: string, body: object = {}): Promise<unknown> {
  const { status, json } = await control(simulator, 'POST', path, body);
  expect(status, JSON.stringify(json)).toBe(200);
  return json;
}

async function create(as = ANNA): Promise<void> {
  await soap(simulator, createItems(calendarItem('x', '2026-09-07T08:00:00Z', '2026-09-07T09:00:00Z')), { as });
}

test('streams are dropped: one by a cut, one with Closed, without a word to the others', async () => {
  expect(await act('/streams/drop', { mailbox: ANNA })).toEqual({ streams: 1 });
  await eventually(() => anna.ending).toBe('cut');
  await create(BORIS);
  await eventually(() => boris.events).toEqual(['CreatedEvent']);
  await act('/streams/drop', { account: 'svc', how: 'closed' });
  await eventually(() => boris.ending).toBe('end');
  expect(texts(boris.text, 'ConnectionStatus').at(-1)).toBe('Closed');
  anna = await TestStream.open(simulator, [ids.anna]);
  await act('/streams/drop', { how: 'end' });
  await eventually(() => anna.ending).toBe('end');
  expect(texts(anna.text, 'ConnectionStatus')).toEqual(['OK']);
});

test('a silent stream keeps its socket, stops within an envelope, and loses what happens', async () => {
  await settings({ heartbeatMs: 20 });
  await act('/streams/silence', { mailbox: ANNA, midEnvelope: true });
  await eventually(() => /<\/Envelope>$/.test(anna.text)).toBe(false);
  const before = anna.text;
  await create();
  await create(BORIS);
  await eventually(() => boris.events).toEqual(['CreatedEvent']);
  expect(anna.text).toBe(before);
  expect(anna.ending).toBe('open');
  await act('/streams/resume', { mailbox: ANNA });
  await eventually(() => anna.envelopes.length).toBeGreaterThan(2);
  expect(anna.text.startsWith(before)).toBe(true);
  expect(anna.events).toEqual([]);
});

test('what a silent stream keeps arrives later as several envelopes in one write', async () => {
  await act('/streams/silence', { mailbox: ANNA, keep: true });
  for (let round = 0; round < 3; round += 1) await create();
  const chunks = anna.chunks.length;
  await act('/streams/resume');
  await eventually(() => anna.events).toEqual(['CreatedEvent', 'CreatedEvent', 'CreatedEvent']);
  expect(anna.chunks).toHaveLength(chunks + 1);
  expect(anna.envelopes).toHaveLength(4);
});

test.each([[[1]], [[3, 1, 2]]])(
  'envelopes arrive in pieces of %j bytes, also within a character',
  async (chunkSizes) => {
    await settings({ chunkSizes, messageText: 'Ж—😀 ok' });
    await create();
    await eventually(() => anna.envelopes.length).toBe(2);
    expect(texts(anna.text, 'MessageText').at(-1)).toBe('Ж—😀 ok');
    const largest = Math.max(...anna.chunks.slice(1).map(({ length }) => length));
    expect(largest).toBe(Math.max(...chunkSizes));
    const split = anna.chunks.some((chunk) => chunk.length > 0 && (chunk[0]! & 0b1100_0000) === 0b1000_0000);
    expect(split).toBe(true);
  },
);

test('the envelope of a stream is unprefixed by default, and as told otherwise', async () => {
  expect(anna.text).toMatch(/^<\?xml[^>]*>\n?<Envelope [^>]*xmlns="http:\/\/schemas\.xmlsoap\.org\/soap\/envelope\/"/);
  await settings({ prefixes: { s: 'soap11', m: '' } });
  await create();
  await eventually(() => anna.text).toMatch(/<soap11:Envelope[\s\S]*<Notification>[\s\S]*<\/soap11:Envelope>$/);
});

test('subscriptions are lost, by a cut as in a restart or with a word', async () => {
  expect(await act('/subscriptions/lose', { mailbox: ANNA })).toEqual({ lost: 1 });
  await eventually(() => anna.ending).toBe('cut');
  expect(codes(await soap(simulator, streamBody([ids.anna])))).toEqual(['ErrorSubscriptionNotFound']);
  await act('/subscriptions/lose', { code: 'ErrorMissedNotificationEvents' });
  await eventually(() => boris.ending).toBe('end');
  expect(texts(boris.text, 'ResponseCode')).toContain('ErrorMissedNotificationEvents');
  expect(texts(boris.text, 'SubscriptionId')).toContain(ids.boris);
});

test('faults strike Subscribe and GetStreamingEvents as any operation', async () => {
  await control(simulator, 'POST', '/faults', {
    operation: 'Subscribe',
    action: { form: 'soapFault', code: 'ErrorServerBusy', backOffMs: 7 },
  });
  expect(codes((await subscribeTo(simulator, ANNA)).reply)).toEqual(['ErrorServerBusy']);
  await control(simulator, 'POST', '/faults', {
    operation: 'GetStreamingEvents',
    action: { form: 'responseMessage', code: 'ErrorReadEventsFailed' },
  });
  expect(codes(await soap(simulator, streamBody([ids.anna])))).toEqual(['ErrorReadEventsFailed']);
  await control(simulator, 'POST', '/faults', {
    operation: 'GetStreamingEvents',
    action: { form: 'cut', afterBytes: 50 },
  });
  const cut = await TestStream.open(simulator, [ids.anna]);
  await eventually(() => cut.ending).toBe('cut');
  expect(cut.text).toHaveLength(50);
  // The stream that was open before any of these serves on.
  await create();
  await eventually(() => anna.events).toEqual(['CreatedEvent']);
});

test('reset ends streams and forgets subscriptions and settings', async () => {
  await act('/reset');
  await eventually(() => anna.ending).toBe('cut');
  expect((await control<unknown[]>(simulator, 'GET', '/subscriptions')).json).toEqual([]);
  expect((await control<{ streaming: unknown }>(simulator, 'GET', '/settings')).json.streaming).toMatchObject({
    heartbeatMs: 45_000,
  });
});
