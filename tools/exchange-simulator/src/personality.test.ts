import { Agent, request } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ExchangeSimulator, TrueOccurrence } from './index.ts';
import { control, startCompany } from './testing/fixture.ts';
import { calendarView, getFolder, itemId, set, syncItems, updateItem } from './testing/requests.ts';
import { attributes, codes, soap, texts } from './testing/soap-client.ts';

let simulator: ExchangeSimulator;
let master: string;

const MAILBOX = 'anna@corp.example';
const SEPTEMBER = ['2026-09-01T00:00:00Z', '2026-10-01T00:00:00Z'] as const;

beforeEach(async () => {
  simulator = await startCompany();
  const { json } = await control<{ items: { itemId: string }[] }>(simulator, 'POST', '/seed', {
    items: [
      {
        ...{ mailbox: MAILBOX, subject: 'Weekly', start: '2026-09-07T09:00:00Z', end: '2026-09-07T10:00:00Z' },
        recurrence: { pattern: 'weekly', daysOfWeek: ['Monday'], startDate: '2026-09-07' },
      },
    ],
  });
  master = json.items[0]!.itemId;
});
afterEach(() => simulator.close());

const become = (personality: unknown) => control(simulator, 'PATCH', '/settings', { personality });
const view = (from: string = SEPTEMBER[0], to: string = SEPTEMBER[1]) => soap(simulator, calendarView(from, to));
const truth = async () =>
  (
    await control<TrueOccurrence[]>(
      simulator,
      'GET',
      `/truth?mailbox=${MAILBOX}&from=${SEPTEMBER[0]}&to=${SEPTEMBER[1]}`,
    )
  ).json;
const syncState = async (state = '') => (await soap(simulator, syncItems(state))).text;

test('a server that does not expand shows masters where their own times are, and nowhere else', async () => {
  await become({ expandsViews: false });
  expect(texts((await view()).text, 'CalendarItemType')).toEqual(['RecurringMaster']);
  expect(texts((await view('2026-09-14T00:00:00Z', '2026-09-20T00:00:00Z')).text, 'CalendarItemType')).toEqual([]);
  expect(await truth()).toHaveLength(4);
});

test('elements come twice, in reverse, or not at all; times a hair early or without zone', async () => {
  await become({
    duplicateElements: ['Subject'],
    missingElements: ['UID'],
    reversesElements: true,
    times: 'fractions',
  });
  const { text } = await view(SEPTEMBER[0], '2026-09-08T00:00:00Z');
  expect(texts(text, 'Subject')).toEqual(['Weekly', 'Weekly']);
  expect(texts(text, 'UID')).toEqual([]);
  expect(text.indexOf('<t:Subject>')).toBeGreaterThan(text.indexOf('<t:Start>'));
  expect(texts(text, 'Start')).toEqual(['2026-09-07T08:59:59.9999999Z']);
  await become({ like: 'exchange', times: 'zoneless' });
  expect(texts((await view(SEPTEMBER[0], '2026-09-08T00:00:00Z')).text, 'End')).toEqual(['2026-09-07T10:00:00']);
});

test('a silent change alters the truth and neither change log nor change key', async () => {
  const [before] = attributes((await view()).text, 'ItemId', 'ChangeKey');
  const [state] = texts(await syncState(), 'SyncState');
  const change = { mailbox: MAILBOX, itemId: master };
  const occurrence = { ...change, originalDate: '2026-09-14', subject: 'Moved', start: '2026-09-14T12:00:00Z' };
  await control(simulator, 'POST', '/silent-changes', { ...occurrence, end: '2026-09-14T13:00:00Z' });
  await control(simulator, 'POST', '/silent-changes', { ...change, originalDate: '2026-09-21', deleted: true });
  await control(simulator, 'POST', '/silent-changes', { ...change, location: 'Elsewhere' });
  expect((await truth()).map(({ subject, start, location }) => [subject, start.slice(0, 13), location])).toEqual([
    ['Weekly', '2026-09-07T09', 'Elsewhere'],
    ['Moved', '2026-09-14T12', 'Elsewhere'],
    ['Weekly', '2026-09-28T09', 'Elsewhere'],
  ]);
  expect(attributes(await syncState(state), 'ItemId', 'Id')).toEqual([]);
  expect(attributes((await view()).text, 'ItemId', 'ChangeKey')[0]).toBe(before);
  expect((await control(simulator, 'POST', '/silent-changes', { ...change, itemId: 'x' })).status).toBe(400);
});

test('a server may keep changes of single occurrences from its log', async () => {
  const occurrence = attributes((await view()).text, 'ItemId', 'Id')[1]!;
  const [state] = texts(await syncState(), 'SyncState');
  await become({ logsOccurrenceChanges: false });
  const rename = updateItem(itemId(occurrence), set({ 'item:Subject': '<t:Subject>Renamed</t:Subject>' }));
  expect(codes(await soap(simulator, rename))).toEqual(['NoError']);
  expect(attributes(await syncState(state), 'ItemId', 'Id')).toEqual([]);
  expect((await truth())[1]?.subject).toBe('Renamed');
});

test('the second request of a connection is answered with a fault, and the connection ended', async () => {
  await become({ faultsOnSecondCall: true });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const statuses: [number | undefined, string | undefined][] = [];
  for (let n = 0; n < 3; n += 1) {
    statuses.push(
      await new Promise((resolve, reject) => {
        const headers = { authorization: `Basic ${btoa('svc:secret')}`, 'content-type': 'text/xml; charset=utf-8' };
        const call = request(simulator.ewsUrl, { agent, method: 'POST', headers }, (response) => {
          response.resume().on('end', () => resolve([response.statusCode, response.headers.connection]));
        });
        call.on('error', reject).end(getFolder());
      }),
    );
  }
  agent.destroy();
  // Bare bodies are refused as well, but with a connection that stays.
  expect(statuses.map(([, connection]) => connection)).toEqual(['keep-alive', 'close', 'keep-alive']);
});

test('a personality is taken by its name, and put off by a reset', async () => {
  const { json } = await control<{ personality: { expandsViews: boolean } }>(simulator, 'PATCH', '/settings', {
    personality: 'grommunio',
  });
  expect(json.personality).toMatchObject({ expandsViews: false, logsOccurrenceChanges: false });
  await control(simulator, 'POST', '/reset');
  const after = await control(simulator, 'GET', '/settings');
  expect(after.json).toMatchObject({ personality: { expandsViews: true, times: 'exact' } });
  expect((await become({ times: 'never' })).status).toBe(400);
});
