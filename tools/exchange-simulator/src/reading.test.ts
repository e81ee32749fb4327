import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ExchangeSimulator } from './start-exchange-simulator.ts';
import { control, startCompany } from './testing/fixture.ts';
import { calendarView, findItems, getFolder, getItems, itemId, itemShape } from './testing/requests.ts';
import { attributes, codes, inner, soap, texts } from './testing/soap-client.ts';

let simulator: ExchangeSimulator;
let ids: string[];

beforeAll(async () => {
  simulator = await startCompany();
  const mailbox = 'anna@corp.example';
  const { json } = await control<{ items: { itemId: string }[] }>(simulator, 'POST', '/seed', {
    items: [
      {
        mailbox,
        subject: 'S'.repeat(300),
        body: '<html><body><p>Hello <b>you</b></p></body></html>',
        bodyType: 'HTML',
        location: 'Room',
        start: '2026-09-01T10:00:00+02:00',
        end: '2026-09-01T11:00:00+02:00',
        timeZone: 'W. Europe Standard Time',
        requiredAttendees: ['boris@corp.example'],
        uid: 'foreign-uid@example.org',
      },
      { mailbox, subject: 'second', start: '2026-09-01T12:00:00Z', end: '2026-09-01T13:00:00Z' },
      {
        mailbox,
        subject: 'third',
        start: '2026-09-02T12:00:00Z',
        end: '2026-09-02T13:00:00Z',
        organizer: { address: '/o=Old/cn=eva', name: 'Eva', routingType: 'EX' },
      },
    ],
  });
  ids = json.items.map((item) => item.itemId);
});
afterAll(() => simulator.close());

test('folders are found by distinguished name and by id, others are reported', async () => {
  const first = await soap(
    simulator,
    getFolder('<t:DistinguishedFolderId Id="calendar"/><t:DistinguishedFolderId Id="contacts"/>'),
  );
  expect(codes(first)).toEqual(['NoError', 'ErrorFolderNotFound']);
  const [id] = attributes(first.text, 'FolderId', 'Id');
  const second = await soap(simulator, getFolder(`<t:FolderId Id="${id}"/>`, 'AllProperties'));
  expect(texts(second.text, 'FolderClass')).toEqual(['IPF.Appointment']);
  expect(texts(second.text, 'TotalCount')).toEqual(['3']);
  expect(codes(await soap(simulator, getFolder('<t:FolderId Id="rubbish"/>')))).toEqual(['ErrorInvalidIdMalformed']);
});

test('the commit-time probe moves when anything changes', async () => {
  const probe = getFolder().replace(
    '<t:BaseShape>Default</t:BaseShape>',
    '<t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties><t:ExtendedFieldURI PropertyTag="0x670b" PropertyType="Integer"/></t:AdditionalProperties>',
  );
  expect(texts((await soap(simulator, probe)).text, 'Value')).toEqual(['0']);
});

test('a view leaves out what only GetItem knows, cuts long strings and hides addresses', async () => {
  const reply = await soap(simulator, calendarView('2026-09-01T00:00:00Z', '2026-09-02T00:00:00Z'));
  expect(texts(reply.text, 'Subject').map((subject) => subject.length)).toEqual([255, 6]);
  expect(reply.text).not.toMatch(/<t:(Body|TextBody|RequiredAttendees|Recurrence|AppointmentSequenceNumber)\b/);
  const [organizer] = inner(reply.text, 'Organizer');
  expect(texts(organizer!, 'Name')).toEqual(['Anna']);
  expect(organizer).not.toContain('EmailAddress');
});

test('overlap takes what ends exactly at the start of the window, and not what starts at its end', async () => {
  const subjects = async (from: string, to: string) =>
    texts((await soap(simulator, calendarView(from, to))).text, 'Subject').map((text) => text[0]);
  expect(await subjects('2026-09-01T09:00:00Z', '2026-09-01T12:00:00Z')).toEqual(['S']);
  expect(await subjects('2026-09-01T09:00:01Z', '2026-09-01T12:00:01Z')).toEqual(['s']);
});

test('limits of a view: range, count and folder', async () => {
  expect(codes(await soap(simulator, calendarView('2026-01-01T00:00:00Z', '2028-06-01T00:00:00Z')))).toEqual([
    'ErrorCalendarViewRangeTooBig',
  ]);
  const inbox = '<t:DistinguishedFolderId Id="inbox"/>';
  expect(
    codes(await soap(simulator, calendarView('2026-01-01T00:00:00Z', '2026-06-01T00:00:00Z', { folder: inbox }))),
  ).toEqual(['ErrorCalendarFolderIsInvalidForCalendarView']);
  await control(simulator, 'PATCH', '/settings', { findCountLimit: 2 });
  expect(codes(await soap(simulator, calendarView('2026-09-01T00:00:00Z', '2026-10-01T00:00:00Z')))).toEqual([
    'ErrorExceededFindCountLimit',
  ]);
  const cut = await soap(simulator, calendarView('2026-09-01T00:00:00Z', '2026-10-01T00:00:00Z', { max: 1000 }));
  expect(attributes(cut.text, 'RootFolder', 'IncludesLastItemInRange')).toEqual(['false']);
  expect(texts(cut.text, 'Start')).toHaveLength(2);
  await control(simulator, 'PATCH', '/settings', { findCountLimit: 1000 });
});

test('a plain find pages by index, filters and sorts', async () => {
  const page = (offset: number) =>
    findItems({ page: `<m:IndexedPageItemView MaxEntriesReturned="2" Offset="${offset}" BasePoint="Beginning"/>` });
  const first = await soap(simulator, page(0));
  expect(attributes(first.text, 'RootFolder', 'IndexedPagingOffset')).toEqual(['2']);
  expect(attributes(first.text, 'RootFolder', 'TotalItemsInView')).toEqual(['3']);
  const last = await soap(simulator, page(2));
  expect(attributes(last.text, 'RootFolder', 'IncludesLastItemInRange')).toEqual(['true']);
  const after = (date: string) =>
    `<m:Restriction><t:IsGreaterThan><t:FieldURI FieldURI="calendar:Start"/><t:FieldURIOrConstant><t:Constant Value="${date}"/></t:FieldURIOrConstant></t:IsGreaterThan></m:Restriction>`;
  const sort =
    '<m:SortOrder><t:FieldOrder Order="Descending"><t:FieldURI FieldURI="calendar:Start"/></t:FieldOrder></m:SortOrder>';
  const found = await soap(simulator, findItems({ tail: after('2026-09-01T11:00:00Z') + sort }));
  expect(texts(found.text, 'Subject')).toEqual(['third', 'second']);
});

test('GetItem answers every id in order with its own success or error', async () => {
  const unknown = ids[0]!.replace(/.{8}$/, 'ABAAAA==');
  const reply = await soap(simulator, getItems([ids[1]!, unknown, 'broken', ids[0]!].map((id) => itemId(id)).join('')));
  expect(codes(reply)).toEqual(['NoError', 'ErrorItemNotFound', 'ErrorInvalidIdMalformed', 'NoError']);
  expect(texts(reply.text, 'Subject').map((subject) => subject[0])).toEqual(['s', 'S']);
  expect(texts(reply.text, 'Subject')[1]).toHaveLength(300);
});

test('ids are case-sensitive', async () => {
  const reply = await soap(simulator, getItems(itemId(ids[0]!.toLowerCase())));
  expect(codes(reply)).not.toEqual(['NoError']);
});

test('a body comes as HTML, text or as stored, and the text body always as text', async () => {
  const body = async (type: string) => {
    const shape = itemShape('IdOnly', ['item:Body']).replace(
      '</t:BaseShape>',
      `</t:BaseShape><t:BodyType>${type}</t:BodyType>`,
    );
    const { text } = await soap(simulator, getItems(itemId(ids[0]!), shape));
    return [attributes(text, 'Body', 'BodyType')[0], texts(text, 'Body')[0]];
  };
  expect(await body('Text')).toEqual(['Text', 'Hello you']);
  expect((await body('Best'))[0]).toBe('HTML');
  expect((await body('HTML'))[1]).toContain('&lt;b&gt;you');
  const { text } = await soap(simulator, getItems(itemId(ids[0]!), itemShape('IdOnly', ['item:TextBody'])));
  expect(texts(text, 'TextBody')).toEqual(['Hello you']);
});

test('a foreign UID is wrapped in a GlobalObjectId whose clean form is asked for as extended property', async () => {
  const extra = '<t:ExtendedFieldURI DistinguishedPropertySetId="Meeting" PropertyId="35" PropertyType="Binary"/>';
  const { text } = await soap(simulator, getItems(itemId(ids[0]!), itemShape('IdOnly', ['calendar:UID'], extra)));
  expect(texts(text, 'UID')).toEqual(['foreign-uid@example.org']);
  const clean = Buffer.from(texts(text, 'Value')[0]!, 'base64');
  expect(clean.toString('hex').toUpperCase()).toMatch(/^040000008200E00074C5B7101A82E00800000000/);
  expect(clean.toString('latin1', 40)).toBe('vCal-Uid\u0001\u0000\u0000\u0000foreign-uid@example.org\u0000');
});

test('a generated UID is the hex of a GlobalObjectId with the creation time in it', async () => {
  const { text } = await soap(simulator, getItems(itemId(ids[1]!)));
  const bytes = Buffer.from(texts(text, 'UID')[0]!, 'hex');
  expect(bytes).toHaveLength(56);
  expect(bytes.subarray(16, 20)).toEqual(Buffer.alloc(4));
  const created = Number(bytes.readBigUInt64LE(20) / 10_000n) - 11_644_473_600_000;
  expect(Math.abs(created - Date.now())).toBeLessThan(3_600_000);
  expect(bytes.readUInt32LE(36)).toBe(16);
});

test('an organizer of the EX type shows a distinguished name instead of an address', async () => {
  const { text } = await soap(simulator, getItems(itemId(ids[2]!)));
  expect(texts(inner(text, 'Organizer')[0]!, 'EmailAddress')).toEqual(['/o=Old/cn=eva']);
  expect(texts(inner(text, 'Organizer')[0]!, 'RoutingType')).toEqual(['EX']);
});

test('times are UTC, or carry the offset of the zone that the request asks for', async () => {
  const start = async (timeZone?: string) => {
    const { text } = await soap(simulator, getItems(itemId(ids[0]!)), timeZone === undefined ? {} : { timeZone });
    return texts(text, 'Start')[0];
  };
  expect(await start()).toBe('2026-09-01T08:00:00Z');
  expect(await start('Tokyo Standard Time')).toBe('2026-09-01T17:00:00+09:00');
});

test('wall-clock properties exist only in the schema of 2016', async () => {
  const request = getItems(
    itemId(ids[0]!),
    itemShape('IdOnly', ['calendar:StartWallClock', 'calendar:StartTimeZoneId']),
  );
  expect(codes(await soap(simulator, request))).toEqual(['ErrorInvalidPropertyRequest']);
  const { text } = await soap(simulator, request, { version: 'Exchange2016' });
  expect(texts(text, 'StartWallClock')).toEqual(['2026-09-01T10:00:00+02:00']);
  expect(texts(text, 'StartTimeZoneId')).toEqual(['W. Europe Standard Time']);
});

test('ResolveNames finds by address, by beginning and by legacy name', async () => {
  const resolve = (entry: string) =>
    soap(
      simulator,
      `<m:ResolveNames ReturnFullContactData="true"><m:UnresolvedEntry>${entry}</m:UnresolvedEntry></m:ResolveNames>`,
    );
  expect(texts((await resolve('smtp:boris@corp.example')).text, 'EmailAddress')).toEqual(['boris@corp.example']);
  expect(codes(await resolve('@nothing'))).toEqual(['ErrorNameResolutionNoResults']);
  const { json } = await control<{ legacyDn: string }[]>(simulator, 'GET', '/mailboxes');
  expect(texts((await resolve(json[2]!.legacyDn)).text, 'EmailAddress')).toEqual(['chloe@corp.example']);
});
