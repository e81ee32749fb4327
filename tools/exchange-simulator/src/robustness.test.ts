import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ExchangeSimulator } from './start-exchange-simulator.ts';
import { control, startCompany } from './testing/fixture.ts';
import {
  answer,
  attendees,
  calendarItem,
  calendarView,
  createItems,
  deleteItems,
  findFolders,
  findItems,
  getFolder,
  getItems,
  itemId,
  set,
  syncItems,
  updateItem,
  zone,
} from './testing/requests.ts';
import { attributes, codes, envelope, post, soap } from './testing/soap-client.ts';
import { streamBody, subscribeBody, unsubscribeBody } from './testing/stream-client.ts';

let simulator: ExchangeSimulator;
let requests: string[];

beforeAll(async () => {
  simulator = await startCompany();
  const recurrence =
    '<t:Recurrence><t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Monday</t:DaysOfWeek><t:FirstDayOfWeek>Monday</t:FirstDayOfWeek></t:WeeklyRecurrence><t:NumberedRecurrence><t:StartDate>2026-09-07</t:StartDate><t:NumberOfOccurrences>5</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>';
  const series = calendarItem('x', '2026-09-07T08:00:00Z', '2026-09-07T09:00:00Z', {
    before: '<t:Body BodyType="HTML">b</t:Body><t:Categories><t:String>c</t:String></t:Categories>',
    after: `<t:IsAllDayEvent>false</t:IsAllDayEvent>${attendees('RequiredAttendees', 'boris@corp.example')}${recurrence}${zone('UTC')}`,
  });
  const create = createItems(series, 'SendToAllAndSaveCopy');
  const id = attributes((await soap(simulator, create)).text, 'ItemId', 'Id')[0]!;
  const occurrence = `<t:OccurrenceItemId RecurringMasterId="${id}" InstanceIndex="2"/>`;
  const restriction =
    '<m:Restriction><t:And><t:Exists><t:FieldURI FieldURI="item:Subject"/></t:Exists><t:IsLessThan><t:FieldURI FieldURI="calendar:Start"/><t:FieldURIOrConstant><t:Constant Value="2027-01-01T00:00:00Z"/></t:FieldURIOrConstant></t:IsLessThan></t:And></m:Restriction>';
  requests = [
    create,
    getFolder(),
    findFolders('root'),
    syncItems(),
    calendarView('2026-09-01T00:00:00Z', '2026-10-01T00:00:00Z', { max: 5 }),
    findItems({
      page: '<m:IndexedPageItemView MaxEntriesReturned="5" Offset="0" BasePoint="Beginning"/>',
      tail: restriction,
    }),
    getItems(itemId(id) + occurrence),
    updateItem(
      occurrence,
      set({ 'calendar:Start': '<t:Start>2026-09-15T10:00:00Z</t:Start>', 'item:Subject': '<t:Subject>y</t:Subject>' }),
      'SendToAllAndSaveCopy',
    ),
    deleteItems(occurrence),
    answer('AcceptItem', id),
    '<m:GetServerTimeZones ReturnFullTimeZoneData="true"><m:Ids><t:Id>UTC</t:Id></m:Ids></m:GetServerTimeZones>',
    '<m:ResolveNames ReturnFullContactData="true"><m:UnresolvedEntry>anna</m:UnresolvedEntry></m:ResolveNames>',
    subscribeBody(),
    streamBody(['garbage']),
    unsubscribeBody('garbage'),
    `<m:CopyItem><m:ToFolderId><t:DistinguishedFolderId Id="calendar"/></m:ToFolderId><m:ItemIds>${itemId(id)}</m:ItemIds><m:ReturnNewItemIds>true</m:ReturnNewItemIds></m:CopyItem>`,
  ].map((body) => envelope(body, { timeZone: 'UTC' }));
});
afterAll(() => simulator.close());

/** Ways to spoil a request at the n-th place where they fit. */
const SPOILERS: readonly { find: RegExp; replace: (match: string, text: string) => string }[] = [
  { find: /<(\w+:\w+)[^<>]*\/>|<(\w+:\w+)[^<>]*>[^<]*<\/\2>/g, replace: () => '' },
  { find: /<(\w+:\w+)[^<>]*\/>|<(\w+:\w+)[^<>]*>[^<]*<\/\2>/g, replace: (match) => match + match },
  { find: / \w+="[^"]*"/g, replace: () => '' },
  { find: /="[^"]*"/g, replace: (_match, text) => `="${text}"` },
  { find: />[^<>]+</g, replace: (_match, text) => `>${text}<` },
  { find: /<t:\w+/g, replace: () => '<t:Strange' },
  { find: /[<>/"=:]/g, replace: () => '' },
];

const texts = fc.oneof(
  fc.constantFrom(
    '',
    '-1',
    '0',
    '999999999999',
    'true',
    '2026-02-30T25:61:00Z',
    '+275760-09-13T00:00:00Z',
    '0001-01-01',
    '9999-12-31T23:59:59Z',
    'AAMk',
    'calendar',
    'item:Subject',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll(/[<>&"\p{Cc}]/gu, '')),
);

test('a spoilt request gets an answer in the words of EWS, never a failure of the simulator', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(requests.length - 1),
      fc.constantFrom(...SPOILERS),
      fc.nat(40),
      texts,
      async (which, spoiler, place, text) => {
        const request = requests[which]!;
        const places = [...request.matchAll(spoiler.find)];
        const chosen = places[place % places.length]!;
        const spoilt =
          request.slice(0, chosen.index) +
          spoiler.replace(chosen[0], text) +
          request.slice(chosen.index + chosen[0].length);
        const reply = await post(simulator, spoilt);
        expect([200, 500]).toContain(reply.status);
        expect(codes(reply).length).toBeGreaterThan(0);
        expect(codes(reply)).not.toContain('ErrorInternalServerError');
      },
    ),
    { numRuns: 200 },
  );
});

test('whatever JSON the control API gets, it refuses with a reason or obeys', async () => {
  const routes = [
    '/restart',
    '/outages',
    '/mailboxes/anna@corp.example/move',
    '/streams/drop',
    '/streams/silence',
    '/streams/resume',
    '/subscriptions/lose',
    '/seed',
    '/faults',
    '/responses',
    '/settings',
    '/clock',
    '/accounts/nobody',
  ];
  const values = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.record({ items: fc.array(fc.jsonValue({ maxDepth: 2 })), mailboxes: fc.array(fc.jsonValue({ maxDepth: 2 })) }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...routes),
      fc.constantFrom('POST', 'PUT', 'PATCH'),
      values,
      async (route, method, value) => {
        const { status } = await control(simulator, method, route, value);
        expect([200, 400, 404]).toContain(status);
      },
    ),
    { numRuns: 80 },
  );
});
