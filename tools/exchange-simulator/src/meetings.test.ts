import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ExchangeSimulator, TrueOccurrence } from './index.ts';
import { control, startCompany } from './testing/fixture.ts';
import {
  answer,
  attendees,
  calendarItem,
  calendarView,
  createItems,
  deleteItems,
  getItems,
  itemId,
  itemShape,
  set,
  syncItems,
  updateItem,
} from './testing/requests.ts';
import { attributes, codes, soap, texts } from './testing/soap-client.ts';

const ANNA = 'anna@corp.example';
const BORIS = 'boris@corp.example';
const CHLOE = 'chloe@corp.example';
const TO_ALL = 'SendToAllAndSaveCopy';

let simulator: ExchangeSimulator;

beforeEach(async () => {
  simulator = await startCompany();
});
afterEach(() => simulator.close());

async function calendar(mailbox: string): Promise<TrueOccurrence[]> {
  return (
    await control<TrueOccurrence[]>(
      simulator,
      'GET',
      `/truth?mailbox=${mailbox}&from=2026-01-01T00:00:00Z&to=2027-12-31T00:00:00Z`,
    )
  ).json;
}

async function invite(
  options: { after?: string; before?: string; sending?: string; required?: string[] } = {},
): Promise<string> {
  const people = attendees('RequiredAttendees', ...(options.required ?? [BORIS, 'eva@partner.example']));
  const item = calendarItem('Kick-off', '2026-09-14T08:00:00Z', '2026-09-14T09:00:00Z', {
    after: `${options.before ?? ''}${people}${options.after ?? ''}`,
  });
  const reply = await soap(simulator, createItems(item, options.sending ?? TO_ALL));
  expect(codes(reply)).toEqual(['NoError']);
  return attributes(reply.text, 'ItemId', 'Id')[0]!;
}

const series =
  '<t:Recurrence><t:DailyRecurrence><t:Interval>1</t:Interval></t:DailyRecurrence><t:NumberedRecurrence><t:StartDate>2026-09-14</t:StartDate><t:NumberOfOccurrences>3</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>';
const times = (start: string, end: string) =>
  set({ 'calendar:Start': `<t:Start>${start}</t:Start>`, 'calendar:End': `<t:End>${end}</t:End>` });
const occurrence = (id: string, index: number) =>
  `<t:OccurrenceItemId RecurringMasterId="${id}" InstanceIndex="${index}"/>`;
const responses = (all: TrueOccurrence[]) =>
  all.map(({ attendees: list }) => Object.fromEntries(list.map(({ address, response }) => [address, response])));

async function respond(as: string, id: string, kind: Parameters<typeof answer>[0]) {
  return codes(await soap(simulator, answer(kind, id), { as }));
}

test('an invitation lands in the attendee’s calendar as a tentative, unanswered copy with the same identity', async () => {
  const id = await invite();
  const [mine] = await calendar(ANNA);
  const [copy] = await calendar(BORIS);
  expect(copy).toMatchObject({
    uid: mine!.uid,
    subject: 'Kick-off',
    myResponse: 'NoResponseReceived',
    freeBusy: 'Tentative',
    isOrganizer: false,
  });
  expect(copy!.itemId).not.toBe(id);
  expect(mine).toMatchObject({ myResponse: 'Organizer', freeBusy: 'Busy', isOrganizer: true });
  const { text } = await soap(simulator, getItems(itemId(copy!.itemId)), { as: BORIS });
  expect([texts(text, 'IsMeeting')[0], texts(text, 'AppointmentState')[0]]).toEqual(['true', '3']);
  expect(await calendar(CHLOE)).toEqual([]);
});

test('nothing is delivered when the organizer only saves', async () => {
  await invite({ sending: 'SendToNone' });
  expect(await calendar(BORIS)).toEqual([]);
});

test('accepting shows in both calendars, and the organizer’s change log tells', async () => {
  await invite();
  const state = texts((await soap(simulator, syncItems())).text, 'SyncState')[0]!;
  const [copy] = await calendar(BORIS);
  expect(await respond(BORIS, copy!.itemId, 'AcceptItem')).toEqual(['NoError']);
  expect((await calendar(BORIS))[0]).toMatchObject({ myResponse: 'Accept', freeBusy: 'Busy', itemId: copy!.itemId });
  expect(responses(await calendar(ANNA))).toEqual([{ [BORIS]: 'Accept', 'eva@partner.example': 'Unknown' }]);
  expect((await soap(simulator, syncItems(state))).text).toContain('<t:Update>');
});

test('a declined meeting leaves the calendar and the organizer learns it', async () => {
  await invite();
  const [copy] = await calendar(BORIS);
  expect(await respond(BORIS, copy!.itemId, 'DeclineItem')).toEqual(['NoError']);
  expect(await calendar(BORIS)).toEqual([]);
  expect(responses(await calendar(ANNA))[0]).toMatchObject({ [BORIS]: 'Decline' });
});

test('an answer that is only saved does not reach the organizer', async () => {
  await invite();
  const [copy] = await calendar(BORIS);
  await soap(simulator, answer('AcceptItem', copy!.itemId, 'SaveOnly'), { as: BORIS });
  expect((await calendar(BORIS))[0]!.myResponse).toBe('Accept');
  expect(responses(await calendar(ANNA))[0]).toMatchObject({ [BORIS]: 'Unknown' });
});

test('the organizer cannot answer, and nobody can answer a cancelled meeting', async () => {
  const id = await invite();
  expect(await respond(ANNA, id, 'AcceptItem')).toEqual(['ErrorCalendarIsOrganizerForAccept']);
  const [copy] = await calendar(BORIS);
  await soap(simulator, deleteItems(itemId(id), 'MoveToDeletedItems', TO_ALL));
  expect(await respond(BORIS, copy!.itemId, 'DeclineItem')).toEqual(['ErrorCalendarIsCancelledForDecline']);
  expect(await respond(BORIS, copy!.itemId, 'CancelCalendarItem')).toEqual(['ErrorCalendarIsNotOrganizer']);
});

test('moving the meeting asks again; a new subject does not', async () => {
  const id = await invite();
  await respond(BORIS, (await calendar(BORIS))[0]!.itemId, 'AcceptItem');
  await soap(simulator, updateItem(itemId(id), set({ 'item:Subject': '<t:Subject>Renamed</t:Subject>' }), TO_ALL));
  expect((await calendar(BORIS))[0]).toMatchObject({ subject: 'Renamed', myResponse: 'Accept', freeBusy: 'Busy' });
  await soap(simulator, updateItem(itemId(id), times('2026-09-14T10:00:00Z', '2026-09-14T11:00:00Z'), TO_ALL));
  expect((await calendar(BORIS))[0]).toMatchObject({
    start: '2026-09-14T10:00:00.000Z',
    myResponse: 'NoResponseReceived',
    freeBusy: 'Tentative',
  });
  expect(responses(await calendar(ANNA))[0]).toMatchObject({ [BORIS]: 'Unknown' });
});

test('added people are invited, removed ones get a cancellation, whoever else is told', async () => {
  const id = await invite();
  const people = attendees('RequiredAttendees', CHLOE);
  await soap(
    simulator,
    updateItem(itemId(id), set({ 'calendar:RequiredAttendees': people }), 'SendToChangedAndSaveCopy'),
  );
  expect((await calendar(CHLOE)).map(({ subject }) => subject)).toEqual(['Kick-off']);
  expect((await calendar(BORIS))[0]).toMatchObject({ isCancelled: true, subject: 'Canceled: Kick-off' });
});

test('a cancelled meeting stays in the attendee’s calendar until it is removed there', async () => {
  const id = await invite();
  await soap(simulator, deleteItems(itemId(id), 'HardDelete', TO_ALL));
  expect(await calendar(ANNA)).toEqual([]);
  const [copy] = await calendar(BORIS);
  expect(copy).toMatchObject({ isCancelled: true, subject: 'Canceled: Kick-off', freeBusy: 'Free' });
  const { text } = await soap(simulator, getItems(itemId(copy!.itemId)), { as: BORIS });
  expect(texts(text, 'AppointmentState')).toEqual(['7']);
  await soap(simulator, deleteItems(itemId(copy!.itemId)), { as: BORIS });
  expect(await calendar(BORIS)).toEqual([]);
});

test('a series is delivered whole; single occurrences are moved, cancelled and answered for themselves', async () => {
  const id = await invite({ after: series });
  expect(await calendar(BORIS)).toHaveLength(3);
  await soap(simulator, updateItem(occurrence(id, 2), times('2026-09-15T12:00:00Z', '2026-09-15T13:00:00Z'), TO_ALL));
  await soap(simulator, deleteItems(occurrence(id, 3), 'HardDelete', TO_ALL));
  const copies = await calendar(BORIS);
  expect(copies.map(({ start, kind, isCancelled }) => [start, kind, isCancelled])).toEqual([
    ['2026-09-14T08:00:00.000Z', 'Occurrence', false],
    ['2026-09-15T12:00:00.000Z', 'Exception', false],
    ['2026-09-16T08:00:00.000Z', 'Exception', true],
  ]);
  expect(await respond(BORIS, copies[0]!.itemId, 'DeclineItem')).toEqual(['NoError']);
  expect(await respond(BORIS, copies[1]!.itemId, 'AcceptItem')).toEqual(['NoError']);
  expect((await calendar(BORIS)).map(({ myResponse }) => myResponse)).toEqual(['Accept', 'NoResponseReceived']);
  expect(responses(await calendar(ANNA))).toMatchObject([{ [BORIS]: 'Decline' }, { [BORIS]: 'Accept' }]);
});

test('somebody invited to one occurrence only gets an orphan with the date in its GlobalObjectId', async () => {
  const id = await invite({ after: series });
  const people = attendees('RequiredAttendees', BORIS, CHLOE);
  await soap(simulator, updateItem(occurrence(id, 2), set({ 'calendar:RequiredAttendees': people }), TO_ALL));
  const [orphan, ...more] = await calendar(CHLOE);
  const [first] = await calendar(ANNA);
  expect(more).toEqual([]);
  expect(orphan).toMatchObject({
    kind: 'Single',
    start: '2026-09-15T08:00:00.000Z',
    cleanGlobalObjectId: first!.cleanGlobalObjectId,
  });
  expect(orphan!.uid.slice(32, 40)).toBe('07EA090F');
  expect(first!.uid.slice(32, 40)).toBe('00000000');
  expect(await respond(CHLOE, orphan!.itemId, 'AcceptItem')).toEqual(['NoError']);
  expect(responses(await calendar(ANNA))[1]).toMatchObject({ [CHLOE]: 'Accept' });
  await soap(simulator, deleteItems(itemId(id), 'HardDelete', TO_ALL));
  expect((await calendar(CHLOE))[0]).toMatchObject({ isCancelled: true });
  expect((await calendar(BORIS)).every(({ isCancelled }) => isCancelled)).toBe(true);
});

test('an exception of an invited series carries the same GlobalObjectId date for everybody', async () => {
  await invite({ after: series });
  const extra = '<t:ExtendedFieldURI DistinguishedPropertySetId="Meeting" PropertyId="3" PropertyType="Binary"/>';
  const values = async (as: string) => {
    const view = calendarView('2026-09-15T00:00:00Z', '2026-09-15T12:00:00Z', {
      shape: itemShape('IdOnly', [], extra),
    });
    return texts((await soap(simulator, view, { as })).text, 'Value').map((value) =>
      Buffer.from(value, 'base64').toString('hex').slice(32, 40),
    );
  };
  expect(await values(ANNA)).toEqual(['07ea090f']);
  expect(await values(BORIS)).toEqual(['07ea090f']);
});

test('an answer from outside arrives over the control API', async () => {
  await invite();
  const [mine] = await calendar(ANNA);
  const body = { organizer: ANNA, uid: mine!.uid, attendee: 'eva@partner.example', response: 'Tentative' };
  expect((await control(simulator, 'POST', '/responses', body)).status).toBe(200);
  expect(responses(await calendar(ANNA))[0]).toMatchObject({ 'eva@partner.example': 'Tentative' });
  expect((await control(simulator, 'POST', '/responses', { ...body, attendee: 'x@y.example' })).status).toBe(404);
});

test('two lone invitations to occurrences of a series with a foreign UID stay two', async () => {
  const item = calendarItem('Foreign', '2026-09-14T08:00:00Z', '2026-09-14T09:00:00Z', { after: series }).replace(
    '<t:Start>',
    '<t:UID>series@partner.example</t:UID><t:Start>',
  );
  const id = attributes((await soap(simulator, createItems(item))).text, 'ItemId', 'Id')[0]!;
  for (const index of [1, 3]) {
    const people = set({ 'calendar:RequiredAttendees': attendees('RequiredAttendees', CHLOE) });
    await soap(simulator, updateItem(occurrence(id, index), people, TO_ALL));
  }
  const orphans = await calendar(CHLOE);
  expect(orphans.map(({ uid, start }) => [uid, start])).toEqual([
    ['series@partner.example', '2026-09-14T08:00:00.000Z'],
    ['series@partner.example', '2026-09-16T08:00:00.000Z'],
  ]);
  expect(await respond(CHLOE, orphans[1]!.itemId, 'AcceptItem')).toEqual(['NoError']);
  expect(responses(await calendar(ANNA))).toEqual([{ [CHLOE]: 'Unknown' }, {}, { [CHLOE]: 'Accept' }]);
});

test('a lone invitation gives way to the whole series', async () => {
  const id = await invite({ after: series });
  const people = attendees('RequiredAttendees', BORIS, CHLOE);
  await soap(simulator, updateItem(occurrence(id, 2), set({ 'calendar:RequiredAttendees': people }), TO_ALL));
  expect((await calendar(CHLOE)).map(({ kind }) => kind)).toEqual(['Single']);
  await soap(simulator, updateItem(itemId(id), set({ 'calendar:RequiredAttendees': people }), TO_ALL));
  expect((await calendar(CHLOE)).map(({ kind }) => kind)).toEqual(['Occurrence', 'Exception', 'Occurrence']);
});
