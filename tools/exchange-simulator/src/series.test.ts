import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ExchangeSimulator, TrueOccurrence } from './index.ts';
import { control, startCompany } from './testing/fixture.ts';
import {
  calendarItem,
  calendarView,
  createItems,
  deleteItems,
  getItems,
  itemId,
  set,
  syncItems,
  updateItem,
  zone,
} from './testing/requests.ts';
import { attributes, codes, inner, soap, texts } from './testing/soap-client.ts';

let simulator: ExchangeSimulator;

beforeEach(async () => {
  simulator = await startCompany();
});
afterEach(() => simulator.close());

async function create(item: string): Promise<string> {
  const reply = await soap(simulator, createItems(item));
  expect(codes(reply)).toEqual(['NoError']);
  return attributes(reply.text, 'ItemId', 'Id')[0]!;
}

async function read(id: string): Promise<string> {
  return (await soap(simulator, getItems(itemId(id)))).text;
}

async function truth(
  from = '2026-01-01T00:00:00Z',
  to = '2027-12-31T00:00:00Z',
  mailbox = 'anna@corp.example',
): Promise<TrueOccurrence[]> {
  return (await control<TrueOccurrence[]>(simulator, 'GET', `/truth?mailbox=${mailbox}&from=${from}&to=${to}`)).json;
}

async function viewIds(from: string, to: string): Promise<string[]> {
  return attributes((await soap(simulator, calendarView(from, to))).text, 'ItemId', 'Id');
}

async function starts(from: string, to: string): Promise<string[]> {
  return texts((await soap(simulator, calendarView(from, to))).text, 'Start');
}

const weekly = (days: string, range: string, interval = 1) =>
  `<t:Recurrence><t:WeeklyRecurrence><t:Interval>${interval}</t:Interval><t:DaysOfWeek>${days}</t:DaysOfWeek></t:WeeklyRecurrence>${range}</t:Recurrence>`;
const daily = (range: string, interval = 1) =>
  `<t:Recurrence><t:DailyRecurrence><t:Interval>${interval}</t:Interval></t:DailyRecurrence>${range}</t:Recurrence>`;
const numbered = (start: string, count: number) =>
  `<t:NumberedRecurrence><t:StartDate>${start}</t:StartDate><t:NumberOfOccurrences>${count}</t:NumberOfOccurrences></t:NumberedRecurrence>`;

async function standUp(): Promise<string> {
  const recurrence = weekly('Monday Wednesday', numbered('2026-10-19', 6));
  return create(
    calendarItem('Stand-up', '2026-10-19T07:00:00Z', '2026-10-19T07:15:00Z', {
      after: recurrence + zone('W. Europe Standard Time'),
    }),
  );
}

const occurrence = (master: string, index: number) =>
  `<t:OccurrenceItemId RecurringMasterId="${master}" InstanceIndex="${index}"/>`;
const move = (from: string, to: string) =>
  set({ 'calendar:Start': `<t:Start>${from}</t:Start>`, 'calendar:End': `<t:End>${to}</t:End>` });

test('the wall hour stays over the end of summer time', async () => {
  await standUp();
  expect(await starts('2026-10-01T00:00:00Z', '2026-12-01T00:00:00Z')).toEqual([
      '2026-10-19T07:00:00Z', '2026-10-21T07:00:00Z', '2026-10-26T08:00:00Z', '2026-10-28T08:00:00Z', '2026-11-02T08:00:00Z', '2026-11-04T08:00:00Z',
    ]); // biome-ignore format: a list
});

test('an hour that the change to summer time skips is moved behind the gap, one that comes twice is the first', async () => {
  const recurrence = daily(numbered('2026-03-28', 3));
  await create(
    calendarItem('gap', '2026-03-28T01:30:00Z', '2026-03-28T02:00:00Z', {
      after: recurrence + zone('W. Europe Standard Time'),
    }),
  );
  expect(await starts('2026-03-01T00:00:00Z', '2026-04-10T00:00:00Z')).toEqual([
    '2026-03-28T01:30:00Z',
    '2026-03-29T01:30:00Z',
    '2026-03-30T00:30:00Z',
  ]);
  await create(
    calendarItem('twice', '2026-10-24T00:30:00Z', '2026-10-24T01:00:00Z', {
      after: daily(numbered('2026-10-24', 3)) + zone('W. Europe Standard Time'),
    }),
  );
  expect(await starts('2026-10-01T00:00:00Z', '2026-11-10T00:00:00Z')).toEqual([
    '2026-10-24T00:30:00Z',
    '2026-10-25T00:30:00Z',
    '2026-10-26T01:30:00Z',
  ]);
});

test('an all-day series keeps its dates where the clock changes and at the date line', async () => {
  for (const [index, timeZone] of ['Samoa Standard Time', 'GMT Standard Time'].entries()) {
    const noon = index === 0 ? '2026-10-22T23:00:00Z' : '2026-10-23T12:00:00Z';
    const recurrence = daily(numbered('2026-10-23', 4));
    await create(
      calendarItem(timeZone, noon, noon, {
        after: `<t:IsAllDayEvent>true</t:IsAllDayEvent>${recurrence}${zone(timeZone)}`,
      }),
    );
  }
  const days = await truth();
  for (const timeZone of ['Samoa Standard Time', 'GMT Standard Time']) {
    const dates = days.filter((day) => day.timeZone === timeZone).map(({ startDate, endDate }) => [startDate, endDate]);
    expect(dates).toEqual([
      ['2026-10-23', '2026-10-24'],
      ['2026-10-24', '2026-10-25'],
      ['2026-10-25', '2026-10-26'],
      ['2026-10-26', '2026-10-27'],
    ]);
  }
});

test('a series that began years ago shows its occurrences of tomorrow', async () => {
  const recurrence = daily('<t:NoEndRecurrence><t:StartDate>2016-01-01Z</t:StartDate></t:NoEndRecurrence>', 3);
  await create(calendarItem('old', '2016-01-01T08:00:00Z', '2016-01-01T09:00:00Z', { after: recurrence }));
  const found = await starts('2026-09-01T00:00:00Z', '2026-09-08T00:00:00Z');
  expect(found).toHaveLength(2);
  for (const start of found)
    expect((Date.parse(start) - Date.parse('2016-01-01T08:00:00Z')) % (3 * 86_400_000)).toBe(0);
});

test('a moved and a deleted occurrence show in the view and in the master', async () => {
  const master = await standUp();
  const { state } = { state: texts((await soap(simulator, syncItems())).text, 'SyncState')[0]! };
  const second = attributes((await soap(simulator, getItems(occurrence(master, 2)))).text, 'ItemId', 'Id')[0]!;
  expect(
    codes(await soap(simulator, updateItem(itemId(second), move('2026-10-22T12:00:00Z', '2026-10-22T12:30:00Z')))),
  ).toEqual(['NoError']);
  expect(codes(await soap(simulator, deleteItems(occurrence(master, 3))))).toEqual(['NoError']);
  expect(await starts('2026-10-01T00:00:00Z', '2026-12-01T00:00:00Z')).toEqual([
      '2026-10-19T07:00:00Z', '2026-10-22T12:00:00Z', '2026-10-28T08:00:00Z', '2026-11-02T08:00:00Z', '2026-11-04T08:00:00Z',
    ]); // biome-ignore format: a list
  const text = await read(master);
  expect(texts(inner(text, 'ModifiedOccurrences')[0]!, 'OriginalStart')).toEqual(['2026-10-21T07:00:00Z']);
  expect(texts(inner(text, 'DeletedOccurrences')[0]!, 'Start')).toEqual(['2026-10-26T08:00:00Z']);
  // To a sync, all of that is an update of the master.
  const synced = await soap(simulator, syncItems(state));
  expect(attributes(inner(synced.text, 'Update').join(''), 'ItemId', 'Id')).toEqual([master]);
  const exception = await read(second);
  expect([texts(exception, 'CalendarItemType')[0], texts(exception, 'OriginalStart')[0]]).toEqual([
    'Exception',
    '2026-10-21T07:00:00Z',
  ]);
  expect(attributes(exception, 'ItemId', 'ChangeKey')).toEqual(attributes(text, 'ItemId', 'ChangeKey').slice(0, 1));
});

test('an exception counts by where it was moved to, into a window and out of it', async () => {
  const master = await standUp();
  const ids = await viewIds('2026-11-04T00:00:00Z', '2026-11-05T00:00:00Z');
  await soap(simulator, updateItem(itemId(ids[0]!), move('2027-01-20T08:00:00Z', '2027-01-20T09:00:00Z')));
  expect(await viewIds('2026-11-04T00:00:00Z', '2026-11-05T00:00:00Z')).toEqual([]);
  expect(await viewIds('2027-01-20T00:00:00Z', '2027-01-21T00:00:00Z')).toEqual(ids);
  expect(master).not.toBe(ids[0]);
});

test('an occurrence may not pass its neighbours or share their day', async () => {
  const master = await standUp();
  const refused = async (start: string, end: string) =>
    codes(await soap(simulator, updateItem(occurrence(master, 2), move(start, end))));
  expect(await refused('2026-10-26T15:00:00Z', '2026-10-26T16:00:00Z')).toEqual(['ErrorOccurrenceCrossingBoundary']);
  expect(await refused('2026-10-19T15:00:00Z', '2026-10-19T16:00:00Z')).toEqual(['ErrorOccurrenceCrossingBoundary']);
  expect(await refused('2026-10-25T15:00:00Z', '2026-10-25T16:00:00Z')).toEqual(['NoError']);
});

test('deleted occurrences and indexes beyond the end have errors of their own', async () => {
  const master = await standUp();
  await soap(simulator, deleteItems(occurrence(master, 1)));
  const reply = await soap(simulator, getItems([1, 2, 7].map((index) => occurrence(master, index)).join('')));
  expect(codes(reply)).toEqual([
    'ErrorCalendarOccurrenceIsDeletedFromRecurrence',
    'NoError',
    'ErrorCalendarOccurrenceIndexIsOutOfRecurrenceRange',
  ]);
});

test('an occurrence leads back to its master', async () => {
  const master = await standUp();
  const [id] = await viewIds('2026-10-26T00:00:00Z', '2026-10-27T00:00:00Z');
  const reply = await soap(simulator, getItems(`<t:RecurringMasterItemId OccurrenceId="${id}"/>`));
  expect(attributes(reply.text, 'ItemId', 'Id')[0]).toBe(master);
  expect(texts(reply.text, 'StartDate')).toEqual(['2026-10-19+02:00']);
});

test('changing the series changes plain occurrences and what exceptions did not change themselves', async () => {
  const master = await standUp();
  await soap(
    simulator,
    updateItem(occurrence(master, 2), set({ 'calendar:Location': '<t:Location>Roof</t:Location>' })),
  );
  await soap(simulator, updateItem(itemId(master), set({ 'item:Subject': '<t:Subject>Huddle</t:Subject>' })));
  const all = await truth();
  expect(all.map(({ subject }) => subject)).toEqual(Array(6).fill('Huddle'));
  expect(all.map(({ location }) => location)).toEqual([null, 'Roof', null, null, null, null]);
});

test("a new hour for the series keeps its occurrences' ids and forgets its exceptions", async () => {
  const master = await standUp();
  const ids = await viewIds('2026-10-01T00:00:00Z', '2026-12-01T00:00:00Z');
  await soap(simulator, deleteItems(occurrence(master, 2)));
  await soap(simulator, updateItem(itemId(master), move('2026-10-19T08:00:00Z', '2026-10-19T08:15:00Z')));
  expect(await viewIds('2026-10-01T00:00:00Z', '2026-12-01T00:00:00Z')).toEqual(ids);
  expect((await starts('2026-10-01T00:00:00Z', '2026-12-01T00:00:00Z'))[2]).toBe('2026-10-26T09:00:00Z');
});

test.each([
  [
    'no day',
    '<t:Recurrence><t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek/></t:WeeklyRecurrence></t:Recurrence>',
    'ErrorSchemaValidation',
  ],
  ['an interval of zero', daily(numbered('2026-10-19', 2), 0), 'ErrorSchemaValidation'],
  [
    'an end before any match',
    weekly(
      'Sunday',
      '<t:EndDateRecurrence><t:StartDate>2026-10-19</t:StartDate><t:EndDate>2026-10-20</t:EndDate></t:EndDateRecurrence>',
    ),
    'ErrorRecurrenceHasNoOccurrence',
  ],
])('a recurrence with %s is refused', async (_what, recurrence, code) => {
  expect(
    codes(
      await soap(
        simulator,
        createItems(calendarItem('x', '2026-10-19T07:00:00Z', '2026-10-19T08:00:00Z', { after: recurrence })),
      ),
    ),
  ).toEqual([code]);
});
