import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ExchangeSimulator, TrueOccurrence } from '../index.ts';
import { control, startCompany } from '../testing/fixture.ts';
import { calendarView, findFolders, getFolder } from '../testing/requests.ts';
import { codes, soap, texts } from '../testing/soap-client.ts';

let simulator: ExchangeSimulator;

beforeEach(async () => {
  simulator = await startCompany();
});
afterEach(() => simulator.close());

const MAILBOX = 'anna@corp.example';

test('an emptied mailbox holds nothing, and its log says so', async () => {
  const hour = { mailbox: MAILBOX, start: '2026-07-01T10:00:00Z', end: '2026-07-01T11:00:00Z' };
  await control(simulator, 'POST', '/seed', { items: [hour, hour] });
  const emptied = await control<{ removed: number }>(simulator, 'POST', `/mailboxes/${MAILBOX}/empty`);
  expect(emptied.json).toEqual({ removed: 2 });
  const range = 'from=2026-07-01T00:00:00Z&to=2026-07-02T00:00:00Z';
  expect((await control(simulator, 'GET', `/truth?mailbox=${MAILBOX}&${range}`)).json).toEqual([]);
  const { json } = await control<{ address: string; changes: number }[]>(simulator, 'GET', '/mailboxes');
  expect(json.find(({ address }) => address === MAILBOX)).toMatchObject({ changes: 4 });
});

test('seeded items of every kind are in the truth and in the calendar', async () => {
  const items = [
    {
      mailbox: MAILBOX,
      subject: 'wall',
      start: '2026-07-01T10:00:00',
      end: '2026-07-01T11:00:00',
      timeZone: 'Asia/Tokyo',
    },
    {
      mailbox: MAILBOX,
      subject: 'day',
      start: '2026-07-03T00:00:00',
      end: '2026-07-05T00:00:00',
      timeZone: 'Samoa Standard Time',
      allDay: true,
    },
    {
      mailbox: MAILBOX,
      subject: 'series',
      start: '2026-07-06T10:00:00',
      end: '2026-07-06T11:00:00',
      recurrence: { pattern: 'monthly', dayOfMonth: 31, startDate: '2026-07-06', count: 2 },
    },
    {
      mailbox: MAILBOX,
      subject: 'invited',
      start: '2026-07-02T10:00:00Z',
      end: '2026-07-02T11:00:00Z',
      organizer: 'eva@partner.example',
      cancelled: true,
    },
  ];
  const { status, json } = await control<{ items: { uid: string }[] }>(simulator, 'POST', '/seed', { items });
  expect([status, json.items.length]).toEqual([200, 4]);
  const truth = await control<TrueOccurrence[]>(
    simulator,
    'GET',
    `/truth?mailbox=${MAILBOX}&from=2026-07-01T00:00:00Z&to=2026-10-01T00:00:00Z`,
  );
  expect(truth.json.map(({ subject, start }) => [subject, start])).toEqual([
    ['wall', '2026-07-01T01:00:00.000Z'],
    ['invited', '2026-07-02T10:00:00.000Z'],
    ['day', '2026-07-02T11:00:00.000Z'],
    ['series', '2026-07-31T10:00:00.000Z'],
    ['series', '2026-08-31T10:00:00.000Z'],
  ]);
  expect(truth.json[2]).toMatchObject({ startDate: '2026-07-03', endDate: '2026-07-05', ianaTimeZone: 'Pacific/Apia' });
  expect(truth.json[1]).toMatchObject({ isOrganizer: false, isCancelled: true, myResponse: 'NoResponseReceived' });
  const view = await soap(simulator, calendarView('2026-07-01T00:00:00Z', '2026-10-01T00:00:00Z'));
  expect(texts(view.text, 'Subject')).toEqual(truth.json.map(({ subject }) => subject));
});

test.each([
  [
    'an unknown mailbox',
    'POST',
    '/seed',
    { items: [{ mailbox: 'x@y.example', start: '2026-07-01T10:00:00Z', end: '2026-07-01T11:00:00Z' }] },
    404,
  ],
  [
    'an unknown zone',
    'POST',
    '/seed',
    { items: [{ mailbox: MAILBOX, start: '2026-07-01T10:00:00', end: '2026-07-01T11:00:00', timeZone: 'Mars' }] },
    400,
  ],
  [
    'an end before the start',
    'POST',
    '/seed',
    { items: [{ mailbox: MAILBOX, start: '2026-07-02T10:00:00Z', end: '2026-07-01T11:00:00Z' }] },
    400,
  ],
  ['a misspelt key', 'POST', '/seed', { mailbox: [] }, 400],
  ['broken JSON', 'POST', '/seed', '{', 400],
  ['a truth without times', 'GET', `/truth?mailbox=${MAILBOX}`, undefined, 400],
  ['an unknown route', 'GET', '/nothing', undefined, 404],
  ['a broken escape', 'DELETE', '/mailboxes/%E0%A4%A', undefined, 400],
  ['an unknown account', 'PATCH', '/accounts/ghost', { password: 'x' }, 404],
])('%s is refused with a reason', async (_what, method, path, body, expected) => {
  const { status, json } = await control<{ error: string }>(simulator, method, path, body);
  expect([status, typeof json.error]).toEqual([expected, 'string']);
});

test('prefixes, version and limits of the server can be set and are reset', async () => {
  await control(simulator, 'PATCH', '/settings', {
    prefixes: { s: 'soap11', m: '', t: 'x' },
    serverVersion: { minor: 2 },
  });
  const { text } = await soap(simulator, getFolder());
  expect(text).toMatch(/<soap11:Envelope .*<GetFolderResponse xmlns="[^"]*\/messages">.*<x:CalendarFolder>/);
  expect(text).toContain('MinorVersion="2"');
  await control(simulator, 'PATCH', '/settings', { prefixes: { s: '', m: '', t: '', e: '' } });
  const fault = (await soap(simulator, '<m:Nothing/>')).text;
  expect(fault).toContain('<faultcode xmlns="" xmlns:a=');
  expect(fault).toMatch(/<ResponseCode xmlns="[^"]*\/errors">ErrorInvalidRequest/);
  await control(simulator, 'POST', '/reset');
  expect((await control<{ prefixes: unknown }>(simulator, 'GET', '/settings')).json.prefixes).toEqual({
    s: 's',
    m: 'm',
    t: 't',
    e: 'e',
  });
  expect((await control(simulator, 'GET', '/mailboxes')).json).toEqual([]);
  expect((await soap(simulator, getFolder())).status).toBe(401);
});

test('a removed mailbox no longer exists for anybody', async () => {
  await control(simulator, 'DELETE', `/mailboxes/${MAILBOX}`);
  expect(codes(await soap(simulator, getFolder()))).toEqual(['ErrorNonExistentMailbox']);
});

test('the clock can be moved', async () => {
  const { json } = await control<{ now: string }>(simulator, 'PUT', '/clock', { offsetMs: 86_400_000 });
  expect(Math.abs(Date.parse(json.now) - Date.now() - 86_400_000)).toBeLessThan(60_000);
});

test('further calendars are folders of their own', async () => {
  await control(simulator, 'POST', '/seed', {
    mailboxes: [{ address: MAILBOX, calendars: ['Team'] }],
    items: [
      {
        mailbox: MAILBOX,
        folder: 'Team',
        subject: 'there',
        start: '2026-07-01T10:00:00Z',
        end: '2026-07-01T11:00:00Z',
      },
    ],
  });
  expect(texts((await soap(simulator, findFolders('msgfolderroot'))).text, 'DisplayName')).toContain('Team');
  expect(
    texts((await soap(simulator, calendarView('2026-07-01T00:00:00Z', '2026-07-02T00:00:00Z'))).text, 'Subject'),
  ).toEqual([]);
});
