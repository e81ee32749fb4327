import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JournalEntry } from '../journal.ts';
import type { ExchangeSimulator } from '../start-exchange-simulator.ts';
import { eventually } from '../testing/eventually.ts';
import { control, startCompany } from '../testing/fixture.ts';
import { calendarItem, createItems } from '../testing/requests.ts';
import { codes, soap, texts } from '../testing/soap-client.ts';
import { streamBody, subscribeTo, TestStream, unsubscribeBody } from '../testing/stream-client.ts';

const ANNA = 'anna@corp.example';
const BORIS = 'boris@corp.example';
const CHLOE = 'chloe@corp.example';

let simulator: ExchangeSimulator;

/** Anna on EX01 and Boris on EX02 of one group, Chloe on EX03 of another. */
beforeEach(async () => {
  simulator = await startCompany();
  await control(simulator, 'PATCH', '/settings', {
    backEnds: [{ name: 'EX01' }, { name: 'EX02' }, { name: 'EX03', group: 'DAG2' }],
  });
  await control(simulator, 'POST', '/seed', {
    mailboxes: [
      { address: BORIS, backEnd: 'EX02' },
      { address: CHLOE, backEnd: 'EX03' },
    ],
  });
});
afterEach(() => simulator.close());

function affine(anchor: string, cookie?: string) {
  return { 'x-anchormailbox': anchor, 'x-preferserveraffinity': 'true', ...(cookie === undefined ? {} : { cookie }) };
}

/** The anchor's subscription and the cookie that came with it. */
async function subscribeAnchor(address = ANNA) {
  const { id, reply } = await subscribeTo(simulator, address, { headers: affine(address) });
  const [cookie] = reply.headers.getSetCookie();
  return { id, cookie: cookie!.split(';')[0]! };
}

test('a group of mailboxes on different servers shares a stream by anchor and cookie', async () => {
  const anchor = await subscribeAnchor();
  expect(anchor.cookie).toMatch(/^X-BackEndOverrideCookie=EX01~\d+$/);
  const headers = affine(ANNA, anchor.cookie);
  const { id, reply } = await subscribeTo(simulator, BORIS, { headers });
  expect(reply.headers.getSetCookie()).toEqual([]);
  expect(reply.headers.get('x-targetbeserver')).toBe('EX01');
  const stream = await TestStream.open(simulator, [anchor.id, id], { headers });
  await soap(simulator, createItems(calendarItem('x', '2026-09-07T08:00:00Z', '2026-09-07T09:00:00Z')), { as: BORIS });
  await eventually(() => stream.events).toContain('CreatedEvent');
  stream.abort();
  const { json } = await control<JournalEntry[]>(simulator, 'GET', '/journal');
  expect(json.map(({ operation, backEnd, routedBy }) => [operation, backEnd, routedBy])).toEqual([
    ['Subscribe', 'EX01', 'anchor'],
    ['Subscribe', 'EX01', 'cookie'],
    ['GetStreamingEvents', 'EX01', 'cookie'],
    ['CreateItem', expect.any(String), 'turn'],
  ]);
});

test('the cookie comes only to a client that prefers affinity', async () => {
  const { reply } = await subscribeTo(simulator, ANNA, { headers: { 'x-anchormailbox': ANNA } });
  expect(codes(reply)).toEqual(['NoError']);
  expect(reply.headers.getSetCookie()).toEqual([]);
});

test('without the cookie each subscription lives on the server of its own anchor, and no stream finds both', async () => {
  const anna = await subscribeAnchor(ANNA);
  const boris = await subscribeAnchor(BORIS);
  const reply = await soap(simulator, streamBody([anna.id, boris.id]), { headers: affine(ANNA, anna.cookie) });
  expect(codes(reply)).toEqual(['ErrorSubscriptionNotFound']);
  expect(texts(reply.text, 'SubscriptionId')).toEqual([boris.id]);
  // A cookie without the header that asks for affinity is not looked at.
  const stray = await soap(simulator, unsubscribeBody(anna.id), {
    headers: { cookie: anna.cookie, 'x-anchormailbox': BORIS },
  });
  expect(codes(stray)).toEqual(['ErrorSubscriptionNotFound']);
  expect(codes(await soap(simulator, unsubscribeBody(anna.id), { headers: affine(ANNA, anna.cookie) }))).toEqual([
    'NoError',
  ]);
});

test('a request that no header guides comes out at any server', async () => {
  const servers = new Set<string | null>();
  for (let round = 0; round < 3; round += 1) {
    const reply = await soap(simulator, unsubscribeBody('garbage'));
    servers.add(reply.headers.get('x-beserver'));
  }
  expect(servers).toEqual(new Set(['EX01', 'EX02', 'EX03']));
});

test('a server of another group refuses to subscribe or to stream', async () => {
  const anna = await subscribeAnchor(ANNA);
  const chloe = await subscribeTo(simulator, CHLOE, { headers: affine(ANNA, anna.cookie) });
  expect(chloe.reply.status).toBe(500);
  expect(codes(chloe.reply)).toEqual(['ErrorProxyRequestNotAllowed']);
  const own = await subscribeAnchor(CHLOE);
  const reply = await soap(simulator, streamBody([anna.id, own.id]), { headers: affine(CHLOE, own.cookie) });
  expect(codes(reply)).toEqual(['ErrorProxyRequestNotAllowed']);
});

test('a seed cannot put a mailbox on a server that does not exist', async () => {
  const { status, json } = await control<{ error: string }>(simulator, 'POST', '/seed', {
    mailboxes: [{ address: 'dora@corp.example', backEnd: 'EX99' }],
  });
  expect(status).toBe(400);
  expect(json.error).toContain('EX99');
});
