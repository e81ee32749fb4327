import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { JournalEntry } from '../index.ts';
import type { ExchangeSimulator } from '../start-exchange-simulator.ts';
import { control, startCompany } from '../testing/fixture.ts';
import {
  calendarItem,
  calendarView,
  createItems,
  getFolder,
  getItems,
  itemId,
  syncItems,
} from '../testing/requests.ts';
import { attributes, codes, soap, texts } from '../testing/soap-client.ts';

let simulator: ExchangeSimulator;

beforeAll(async () => {
  simulator = await startCompany();
});
afterAll(() => simulator.close());
afterEach(() => control(simulator, 'DELETE', '/faults'));

async function inject(rule: object): Promise<string> {
  const { status, json } = await control<{ id: string }>(simulator, 'POST', '/faults', rule);
  expect(status).toBe(200);
  return json.id;
}

test('a SOAP fault strikes the stated operation and mailbox, the stated number of times', async () => {
  await inject({
    operation: 'GetFolder',
    mailbox: 'boris@corp.example',
    times: 2,
    action: { form: 'soapFault', code: 'ErrorServerBusy', backOffMs: 5000 },
  });
  expect(codes(await soap(simulator, getFolder()))).toEqual(['NoError']);
  expect(codes(await soap(simulator, syncItems(), { as: 'boris@corp.example' }))).toEqual(['NoError']);
  const struck = await soap(simulator, getFolder(), { as: 'boris@corp.example' });
  expect([struck.status, ...codes(struck)]).toEqual([500, 'ErrorServerBusy']);
  expect(struck.text).toContain('<t:Value Name="BackOffMilliseconds">5000</t:Value>');
  expect(codes(await soap(simulator, getFolder(), { as: 'boris@corp.example' }))).toEqual(['ErrorServerBusy']);
  expect(codes(await soap(simulator, getFolder(), { as: 'boris@corp.example' }))).toEqual(['NoError']);
});

test('skip lets requests pass first', async () => {
  await inject({ operation: 'GetFolder', skip: 2, action: { form: 'http', status: 503, retryAfterSeconds: 7 } });
  const replies = [];
  for (let n = 0; n < 4; n += 1) replies.push(await soap(simulator, getFolder()));
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 503, 200]);
  expect(replies[2]!.headers.get('retry-after')).toBe('7');
});

test('a response message replaces all results, or only those at stated positions', async () => {
  const items = calendarItem('x', '2026-09-01T10:00:00Z', '2026-09-01T11:00:00Z').repeat(3);
  const ids = attributes((await soap(simulator, createItems(items))).text, 'ItemId', 'Id');
  await inject({ operation: 'GetItem', action: { form: 'responseMessage', code: 'ErrorItemCorrupt', positions: [1] } });
  expect(codes(await soap(simulator, getItems(ids.map((id) => itemId(id)).join(''))))).toEqual([
    'NoError',
    'ErrorItemCorrupt',
    'NoError',
  ]);
  await inject({
    operation: 'GetItem',
    action: {
      form: 'responseMessage',
      code: 'ErrorBatchProcessingStopped',
      responseClass: 'Warning',
      positions: [1, 2],
    },
  });
  const warned = await soap(simulator, getItems(ids.map((id) => itemId(id)).join('')));
  expect(attributes(warned.text, 'GetItemResponseMessage', 'ResponseClass')).toEqual(['Success', 'Warning', 'Warning']);
});

test('a busy sync carries an empty state and claims to be complete', async () => {
  await inject({
    operation: 'SyncFolderItems',
    action: { form: 'responseMessage', code: 'ErrorServerBusy', backOffMs: 0 },
  });
  const reply = await soap(simulator, syncItems());
  expect(codes(reply)).toEqual(['ErrorServerBusy']);
  expect([texts(reply.text, 'SyncState'), texts(reply.text, 'IncludesLastItemInRange')]).toEqual([[''], ['true']]);
});

test('a login page comes with status 200, a redirect with its place', async () => {
  await inject({ action: { form: 'html' } });
  const page = await soap(simulator, getFolder());
  expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  await inject({ action: { form: 'http', status: 302, headers: { location: '/ews/genericerrorpage.htm' } } });
  expect((await soap(simulator, getFolder())).headers.get('location')).toBe('/ews/genericerrorpage.htm');
});

test('a cut connection leaves no answer, whether before, after or within it', async () => {
  const subjects = async () =>
    texts((await soap(simulator, calendarView('2026-12-01T00:00:00Z', '2026-12-02T00:00:00Z'))).text, 'Subject');
  const create = createItems(calendarItem('lost', '2026-12-01T10:00:00Z', '2026-12-01T11:00:00Z'));
  await inject({ operation: 'CreateItem', action: { form: 'cut' } });
  await expect(soap(simulator, create)).rejects.toThrow();
  expect(await subjects()).toEqual([]);
  await inject({ operation: 'CreateItem', action: { form: 'cut', afterOperation: true } });
  await expect(soap(simulator, create)).rejects.toThrow();
  expect(await subjects()).toEqual(['lost']);
  await inject({ operation: 'GetFolder', action: { form: 'cut', afterBytes: 100 } });
  await expect(soap(simulator, getFolder())).rejects.toThrow();
});

test('a truncated body ends early as if it were whole', async () => {
  await inject({ action: { form: 'truncate', keepBytes: 200 } });
  const reply = await soap(simulator, getFolder());
  expect([reply.status, reply.text.length]).toEqual([200, 200]);
});

test('illegal characters come as references that XML forbids', async () => {
  await soap(simulator, createItems(calendarItem('Poison', '2026-11-01T10:00:00Z', '2026-11-01T11:00:00Z')));
  await inject({ action: { form: 'illegalCharacters', text: '\u0000\u001a' } });
  const view = calendarView('2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z');
  expect(texts((await soap(simulator, view)).text, 'Subject')).toEqual(['Poison&#x0;&#x1A;']);
  expect(texts((await soap(simulator, view)).text, 'Subject')).toEqual(['Poison']);
});

test('a delay holds the answer back and changes nothing else', async () => {
  await inject({ delayMs: 50, action: { form: 'delay' } });
  const started = performance.now();
  expect(codes(await soap(simulator, getFolder()))).toEqual(['NoError']);
  expect(performance.now() - started).toBeGreaterThanOrEqual(45);
});

test('a fault that needs the operation does not let anybody in without a login', async () => {
  await inject({ times: null, action: { form: 'truncate', keepBytes: 5000 } });
  expect((await soap(simulator, getFolder(), { login: 'svc:wrong' })).status).toBe(401);
});

test('faults are listed with their counters and removed one by one', async () => {
  const id = await inject({ times: null, action: { form: 'http', status: 502 } });
  await soap(simulator, getFolder());
  const { json } = await control<{ id: string; struck: number }[]>(simulator, 'GET', '/faults');
  expect(json).toEqual([expect.objectContaining({ id, struck: 1 })]);
  expect((await control(simulator, 'DELETE', `/faults/${id}`)).status).toBe(200);
  expect((await control(simulator, 'DELETE', `/faults/${id}`)).status).toBe(404);
  expect((await soap(simulator, getFolder())).status).toBe(200);
});

test.each([
  [{ action: { form: 'explode' } }],
  [{ action: { form: 'soapFault' } }],
  [{ times: 0, action: { form: 'html' } }],
  [{ action: { form: 'http', status: 500, headers: { 'x y': '1' } } }],
  [{ operatoin: 'GetItem', action: { form: 'html' } }],
])('the rule %j is refused with the reason', async (rule) => {
  const { status, json } = await control<{ error: string }>(simulator, 'POST', '/faults', rule);
  expect([status, json.error]).toEqual([400, expect.stringContaining('✖')]);
});

test('the journal names the operation, the mailbox, the login form and the fault', async () => {
  await control(simulator, 'DELETE', '/journal');
  const id = await inject({ action: { form: 'http', status: 500 } });
  await soap(simulator, getFolder(), {
    as: 'A.Adams@corp.example',
    headers: { 'user-agent': 'probe/1', 'x-anchormailbox': 'anna@corp.example' },
  });
  await soap(simulator, getFolder(), { login: null });
  const { json } = await control<JournalEntry[]>(simulator, 'GET', '/journal');
  expect(json[0]).toMatchObject({
    operation: 'GetFolder',
    mailbox: 'anna@corp.example',
    account: 'svc',
    authForm: 'basic',
    status: 500,
    fault: id,
    userAgent: 'probe/1',
    anchorMailbox: 'anna@corp.example',
  });
  expect(json[1]).toMatchObject({ authForm: 'none', status: 401 });
  expect(JSON.stringify(json)).not.toContain('secret');
  expect((await control<JournalEntry[]>(simulator, 'GET', `/journal?after=${json[0]!.sequence}`)).json).toHaveLength(1);
});
