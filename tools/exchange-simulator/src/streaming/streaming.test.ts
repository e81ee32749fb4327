import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ExchangeSimulator } from '../start-exchange-simulator.ts';
import { eventually } from '../testing/eventually.ts';
import { control, startCompany } from '../testing/fixture.ts';
import {
  answer,
  attendees,
  calendarItem,
  calendarView,
  createItems,
  deleteItems,
  getFolder,
  itemId,
  set,
  updateItem,
} from '../testing/requests.ts';
import { attributes, codes, inner, soap, texts } from '../testing/soap-client.ts';
import { streamBody, subscribeBody, subscribeTo, TestStream, unsubscribeBody } from '../testing/stream-client.ts';

const ANNA = 'anna@corp.example';
const BORIS = 'boris@corp.example';
const MEETING = calendarItem('Meeting', '2026-09-07T08:00:00Z', '2026-09-07T09:00:00Z');

let simulator: ExchangeSimulator;
let streams: TestStream[];

beforeEach(async () => {
  simulator = await startCompany();
  streams = [];
});
afterEach(async () => {
  for (const stream of streams) stream.abort();
  await simulator.close();
});

async function open(ids: readonly string[], options: Parameters<typeof TestStream.open>[2] = {}): Promise<TestStream> {
  const stream = await TestStream.open(simulator, ids, options);
  streams.push(stream);
  return stream;
}

async function create(as = ANNA, body = MEETING, invitations = 'SendToNone'): Promise<string> {
  const reply = await soap(simulator, createItems(body, invitations), { as });
  return attributes(reply.text, 'ItemId', 'Id')[0]!;
}

async function settings(streaming: object): Promise<void> {
  expect((await control(simulator, 'PATCH', '/settings', { streaming })).status).toBe(200);
}

/** Waits until the stream has shown these events. */
async function expectEvents(stream: TestStream, ...events: string[]): Promise<void> {
  await eventually(() => stream.events).toEqual(events);
}

test('a stream begins with OK and tells of items created, changed, copied, moved and deleted, by id', async () => {
  await settings({ folderEvents: false });
  const { id } = await subscribeTo(simulator, ANNA);
  const stream = await open([id]);
  expect(stream.status).toBe(200);
  expect(texts(stream.text, 'ConnectionStatus')).toEqual(['OK']);
  const item = await create();
  await soap(simulator, updateItem(itemId(item), set({ 'item:Subject': '<t:Subject>Other</t:Subject>' })));
  const copy = await soap(
    simulator,
    `<m:CopyItem><m:ToFolderId><t:DistinguishedFolderId Id="calendar"/></m:ToFolderId><m:ItemIds>${itemId(item)}</m:ItemIds></m:CopyItem>`,
  );
  const moved = await soap(
    simulator,
    `<m:MoveItem><m:ToFolderId><t:DistinguishedFolderId Id="deleteditems"/></m:ToFolderId><m:ItemIds>${itemId(item)}</m:ItemIds></m:MoveItem>`,
  );
  await soap(simulator, deleteItems(itemId(attributes(copy.text, 'ItemId', 'Id')[0]!)));
  await expectEvents(stream, 'CreatedEvent', 'ModifiedEvent', 'CopiedEvent', 'MovedEvent', 'DeletedEvent');
  expect(attributes(inner(stream.text, 'CreatedEvent')[0]!, 'ItemId', 'Id')).toEqual([item]);
  const move = inner(stream.text, 'MovedEvent')[0]!;
  expect(attributes(move, 'OldItemId', 'Id')).toEqual([item]);
  expect(attributes(move, 'ItemId', 'Id')).toEqual(attributes(moved.text, 'ItemId', 'Id'));
  const calendar = attributes((await soap(simulator, getFolder())).text, 'FolderId', 'Id');
  expect(attributes(move, 'OldParentFolderId', 'Id')).toEqual(calendar);
  expect(attributes(move, 'ParentFolderId', 'Id')).not.toEqual(calendar);
  expect(texts(move, 'TimeStamp')[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  expect(new Set(texts(stream.text, 'SubscriptionId'))).toEqual(new Set([id]));
});

test('what happens to an occurrence shows on the master', async () => {
  await settings({ folderEvents: false });
  const recurrence =
    '<t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence><t:NumberedRecurrence><t:StartDate>2026-09-07</t:StartDate><t:NumberOfOccurrences>5</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>';
  const series = await create(
    ANNA,
    calendarItem('Series', '2026-09-07T08:00:00Z', '2026-09-07T09:00:00Z', { after: recurrence }),
  );
  const { id } = await subscribeTo(simulator, ANNA);
  const stream = await open([id]);
  await soap(simulator, deleteItems(`<t:OccurrenceItemId RecurringMasterId="${series}" InstanceIndex="2"/>`));
  await expectEvents(stream, 'ModifiedEvent');
  expect(attributes(inner(stream.text, 'ModifiedEvent')[0]!, 'ItemId', 'Id')).toEqual([series]);
});

test('one stream serves many mailboxes, with one Notification for each that changed at once', async () => {
  await settings({ folderEvents: false });
  const anna = await subscribeTo(simulator, ANNA);
  const boris = await subscribeTo(simulator, BORIS);
  const stream = await open([anna.id, boris.id]);
  const meeting = calendarItem('Kick-off', '2026-09-07T08:00:00Z', '2026-09-07T09:00:00Z', {
    after: attendees('RequiredAttendees', BORIS),
  });
  await create(ANNA, meeting, 'SendToAllAndSaveCopy');
  await expectEvents(stream, 'CreatedEvent', 'CreatedEvent');
  expect(stream.envelopes).toHaveLength(2);
  expect(texts(stream.envelopes[1]!, 'SubscriptionId').toSorted()).toEqual([anna.id, boris.id].toSorted());
  const view = await soap(simulator, calendarView('2026-09-01T00:00:00Z', '2026-10-01T00:00:00Z'), { as: BORIS });
  await soap(simulator, answer('AcceptItem', attributes(view.text, 'ItemId', 'Id')[0]!), { as: BORIS });
  await expectEvents(stream, 'CreatedEvent', 'CreatedEvent', 'ModifiedEvent', 'ModifiedEvent');
});

test('a folder shows its own change after that of its item, and other folders and event types stay unmentioned', async () => {
  const whole = await soap(
    simulator,
    subscribeBody('', ['CreatedEvent', 'ModifiedEvent'], ' SubscribeToAllFolders="true"'),
  );
  const inbox = await soap(
    simulator,
    subscribeBody('<t:FolderIds><t:DistinguishedFolderId Id="inbox"/></t:FolderIds>', ['CreatedEvent']),
  );
  const ids = [whole, inbox].map(({ text }) => texts(text, 'SubscriptionId')[0]!);
  const stream = await open(ids);
  const item = await create();
  await soap(simulator, deleteItems(itemId(item)));
  await expectEvents(stream, 'CreatedEvent', 'ModifiedEvent', 'ModifiedEvent');
  const folders = inner(stream.text, 'ModifiedEvent').map((event) => attributes(event, 'FolderId', 'Id'));
  const calendar = attributes((await soap(simulator, getFolder())).text, 'FolderId', 'Id');
  expect(folders).toEqual([calendar, calendar]);
  expect(texts(stream.text, 'SubscriptionId')).not.toContain(ids[1]);
});

test('events between two connections are lost, and the subscription lives on', async () => {
  await settings({ folderEvents: false });
  const { id } = await subscribeTo(simulator, ANNA);
  await create();
  const first = await open([id]);
  first.abort();
  await eventually(async () => (await control<unknown[]>(simulator, 'GET', '/streams')).json).toEqual([]);
  const missed = await create();
  const second = await open([id]);
  const seen = await create();
  await expectEvents(second, 'CreatedEvent');
  expect(attributes(second.text, 'ItemId', 'Id')).toEqual([seen]);
  expect(second.text).not.toContain(missed);
});

test('an idle stream says OK, and Closed at its timeout', async () => {
  await settings({ heartbeatMs: 20, minuteMs: 200 });
  const { id } = await subscribeTo(simulator, ANNA);
  const stream = await open([id], { minutes: 1 });
  await eventually(() => stream.ending).toBe('end');
  const statuses = texts(stream.text, 'ConnectionStatus');
  expect(statuses.length).toBeGreaterThan(2);
  expect(new Set(statuses.slice(0, -1))).toEqual(new Set(['OK']));
  expect(statuses.at(-1)).toBe('Closed');
});

test('a second stream for a subscription ends the first', async () => {
  const { id } = await subscribeTo(simulator, ANNA);
  const first = await open([id]);
  const second = await open([id]);
  await eventually(() => first.ending).toBe('end');
  expect(texts(first.text, 'ResponseCode')).toContain('ErrorNewEventStreamConnectionOpened');
  await create();
  await eventually(() => second.events).toContain('CreatedEvent');
});

test('one bad id fails the call, is named, and the good ones get nothing', async () => {
  const { id } = await subscribeTo(simulator, ANNA);
  const gone = (await subscribeTo(simulator, BORIS)).id;
  expect(codes(await soap(simulator, unsubscribeBody(gone)))).toEqual(['NoError']);
  const stream = await open([id, gone, 'garbage']);
  await eventually(() => stream.ending).toBe('end');
  expect(stream.status).toBe(200);
  expect(texts(stream.text, 'ResponseCode')).toEqual(['ErrorSubscriptionNotFound']);
  expect(texts(inner(stream.text, 'ErrorSubscriptionIds')[0]!, 'SubscriptionId')).toEqual([gone, 'garbage']);
  const { json } = await control<{ streaming: boolean }[]>(simulator, 'GET', '/subscriptions');
  expect(json.map(({ streaming }) => streaming)).toEqual([false]);
});

test('a subscription belongs to the account that made it', async () => {
  const { id } = await subscribeTo(simulator, BORIS, { login: 'limited:secret' });
  expect(codes(await soap(simulator, unsubscribeBody(id)))).toEqual(['ErrorSubscriptionAccessDenied']);
  expect(codes(await soap(simulator, streamBody([id])))).toEqual(['ErrorSubscriptionAccessDenied']);
  const stream = await open([id], { login: 'limited:secret' });
  expect(texts(stream.text, 'ResponseCode')).toEqual(['NoError']);
  expect(codes(await soap(simulator, unsubscribeBody(id), { as: null, login: 'limited:secret' }))).toEqual(['NoError']);
  await eventually(() => stream.ending).toBe('end');
  expect(texts(stream.text, 'ResponseCode')).toContain('ErrorSubscriptionUnsubscribed');
});

test('a subscription that nobody streams expires', async () => {
  const { id } = await subscribeTo(simulator, ANNA);
  await control(simulator, 'PUT', '/clock', { offsetMs: 299_000 });
  const stream = await open([id]);
  await control(simulator, 'PUT', '/clock', { offsetMs: 900_000 });
  await create();
  await eventually(() => stream.events).toContain('CreatedEvent');
  stream.abort();
  await eventually(async () => (await control<unknown[]>(simulator, 'GET', '/streams')).json).toEqual([]);
  await control(simulator, 'PUT', '/clock', { offsetMs: 1_300_000 });
  expect(codes(await soap(simulator, streamBody([id])))).toEqual(['ErrorExpiredSubscription']);
});

test('streams per account and subscriptions per mailbox are limited', async () => {
  await settings({ connectionsPerAccount: 2, subscriptionsPerMailbox: 2 });
  const anna = [await subscribeTo(simulator, ANNA), await subscribeTo(simulator, ANNA)];
  const third = await subscribeTo(simulator, ANNA);
  expect(codes(third.reply)).toEqual(['ErrorExceededSubscriptionCount']);
  const boris = await subscribeTo(simulator, BORIS);
  const first = await open([anna[0]!.id]);
  await open([anna[1]!.id]);
  const refused = await soap(simulator, streamBody([boris.id]), { as: null });
  expect(refused.status).toBe(500);
  expect(codes(refused)).toEqual(['ErrorExceededConnectionCount']);
  // Impersonating, the mailbox pays.
  await open([boris.id], { as: BORIS });
  first.abort();
  await eventually(async () => (await control<unknown[]>(simulator, 'GET', '/streams')).json).toHaveLength(2);
  await open([anna[0]!.id]);
});

test('what cannot be subscribed to is refused', async () => {
  const delegate = { as: null, login: 'boris:demo' };
  await control(simulator, 'POST', '/seed', { mailboxes: [{ address: 'dora@corp.example', delegates: [BORIS] }] });
  const dora =
    '<t:DistinguishedFolderId Id="calendar"><t:Mailbox><t:EmailAddress>dora@corp.example</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>';
  const own = '<t:DistinguishedFolderId Id="calendar"/>';
  const refusals: [string, object, string][] = [
    [subscribeBody(`<t:FolderIds>${dora}</t:FolderIds>`), delegate, 'ErrorSubscriptionDelegateAccessNotSupported'],
    [subscribeBody(`<t:FolderIds>${own}${dora}</t:FolderIds>`), delegate, 'ErrorInvalidSubscriptionRequest'],
    [subscribeBody(''), {}, 'ErrorInvalidSubscriptionRequest'],
    [subscribeBody(undefined, undefined, ' SubscribeToAllFolders="true"'), {}, 'ErrorInvalidSubscriptionRequest'],
    [subscribeBody('<t:FolderIds><t:DistinguishedFolderId Id="tasks"/></t:FolderIds>'), {}, 'ErrorFolderNotFound'],
    [subscribeBody(undefined, ['SomethingEvent']), {}, 'ErrorSchemaValidation'],
    [subscribeBody(undefined, []), {}, 'ErrorSchemaValidation'],
    [subscribeBody(), { version: 'Exchange2010' }, 'ErrorSchemaValidation'],
    [streamBody([]), {}, 'ErrorSchemaValidation'],
    [streamBody(['x'], 31), {}, 'ErrorSchemaValidation'],
    [streamBody(Array.from({ length: 201 }, () => 'x')), {}, 'ErrorInvalidRequest'],
    [streamBody(['garbage']), {}, 'ErrorInvalidSubscription'],
    [unsubscribeBody('garbage'), {}, 'ErrorInvalidSubscription'],
  ];
  for (const [body, options, code] of refusals)
    expect(codes(await soap(simulator, body, options)), body).toEqual([code]);
});
