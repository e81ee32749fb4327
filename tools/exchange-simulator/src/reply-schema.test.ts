import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import type { ExchangeSimulator } from './start-exchange-simulator.ts';
import { eventually } from './testing/eventually.ts';
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
  itemShape,
  set,
  syncItems,
  updateItem,
  zone,
} from './testing/requests.ts';
import { attributes, type SoapReply, soap, texts } from './testing/soap-client.ts';
import { streamBody, subscribeBody, TestStream, unsubscribeBody } from './testing/stream-client.ts';

const SCHEMA_DIR =
  process.env.EWS_SCHEMA_DIR ?? fileURLToPath(new URL('../../../../shared/ews-schema', import.meta.url));
const available = existsSync(`${SCHEMA_DIR}/messages.xsd`);

/**
 * The first child of the SOAP body with the namespaces of the envelope, as the schema knows only that. The schema has
 * two elements of streams in another namespace than real servers and all their clients.
 */
function bodyOf({ text }: Pick<SoapReply, 'text'>): string {
  const declarations = /<s:Envelope([^>]*)>/.exec(text)![1]!;
  const body = /<s:Body>([\s\S]*)<\/s:Body>/.exec(text)![1]!;
  return body
    .replace(/^<([\w:]+)/, `<$1${declarations}`)
    .replaceAll('m:Notification>', 't:Notification>')
    .replaceAll(/<m:ErrorSubscriptionIds>.*?<\/m:ErrorSubscriptionIds>/g, (list) =>
      list.replaceAll('m:SubscriptionId>', 't:SubscriptionId>'),
    );
}

const EXTENDED =
  '<t:ExtendedFieldURI DistinguishedPropertySetId="Meeting" PropertyId="35" PropertyType="Binary"/><t:ExtendedFieldURI DistinguishedPropertySetId="Appointment" PropertyId="33303" PropertyType="Integer"/>';

/** One reply of every kind that the simulator gives. */
async function everyReply(): Promise<Pick<SoapReply, 'status' | 'text'>[]> {
  const simulator = await startCompany();
  await control(simulator, 'POST', '/seed', {
    mailboxes: [{ address: 'blue@corp.example', displayName: 'Blue room', room: true }],
    lists: [
      { address: 'team@corp.example', members: ['anna@corp.example', 'all@corp.example', 'eva@partner.example'] },
      { address: 'hidden@corp.example', members: ['anna@corp.example'], membership: 'hidden' },
      { address: 'dynamic@corp.example', membership: 'dynamic' },
      { address: 'rooms@corp.example', members: ['blue@corp.example'], roomList: true },
    ],
  });
  const replies: Pick<SoapReply, 'status' | 'text'>[] = [];
  const call = async (body: string, as = 'anna@corp.example', version = 'Exchange2016') => {
    const reply = await soap(simulator, body, { as, version });
    replies.push(reply);
    return reply;
  };
  try {
    const people =
      attendees('RequiredAttendees', 'boris@corp.example') + attendees('OptionalAttendees', 'eva@partner.example');
    const recurrence =
      '<t:Recurrence><t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>Monday Weekday</t:DaysOfWeek></t:WeeklyRecurrence><t:EndDateRecurrence><t:StartDate>2026-09-01</t:StartDate><t:EndDate>2026-10-01</t:EndDate></t:EndDateRecurrence></t:Recurrence>';
    const full = calendarItem('Series', '2026-09-01T08:00:00Z', '2026-09-01T09:00:00Z', {
      before:
        '<t:Body BodyType="HTML">&lt;p&gt;x&lt;/p&gt;</t:Body><t:Categories><t:String>Blue</t:String></t:Categories>',
      after: `<t:Location>Room</t:Location>${people}${recurrence}${zone('W. Europe Standard Time')}`,
    });
    const created = await call(
      createItems(
        full + calendarItem('Single', '2026-09-02T08:00:00Z', '2026-09-04T09:30:00Z'),
        'SendToAllAndSaveCopy',
      ),
    );
    const [series, single] = attributes(created.text, 'ItemId', 'Id');
    const occurrence = (index: number) =>
      `<t:OccurrenceItemId RecurringMasterId="${series}" InstanceIndex="${index}"/>`;
    await call(
      updateItem(occurrence(2), set({ 'item:Subject': '<t:Subject>Other</t:Subject>' }), 'SendToAllAndSaveCopy'),
    );
    await call(deleteItems(occurrence(3), 'HardDelete', 'SendToAllAndSaveCopy'));
    const all = itemShape('AllProperties', [], EXTENDED);
    await call(
      getItems(
        `${itemId(series!)}${occurrence(1)}${occurrence(2)}${occurrence(3)}${itemId(single!)}${itemId('bad')}`,
        all,
      ),
    );
    await call(getItems(itemId(series!), itemShape('Default')), 'anna@corp.example', 'Exchange2013_SP1');
    const view = await call(
      calendarView('2026-09-01T00:00:00Z', '2026-10-01T00:00:00Z', { shape: all }),
      'boris@corp.example',
    );
    await call(answer('TentativelyAcceptItem', attributes(view.text, 'ItemId', 'Id')[0]!), 'boris@corp.example');
    await call(answer('DeclineItem', attributes(view.text, 'ItemId', 'Id')[0]!), 'boris@corp.example');
    await call(calendarView('2026-09-01T00:00:00Z', '2029-10-01T00:00:00Z'));
    await call(findItems({ page: '<m:IndexedPageItemView MaxEntriesReturned="1" Offset="0" BasePoint="Beginning"/>' }));
    const first = await call(syncItems('', 1));
    const state = /<m:SyncState>([^<]*)/.exec(first.text)![1]!;
    await call(deleteItems(itemId(single!), 'MoveToDeletedItems'));
    await call(syncItems(state, 10, { shape: all }));
    await call(syncItems(state.slice(4), 10));
    await call(
      getFolder(
        '<t:DistinguishedFolderId Id="calendar"/><t:DistinguishedFolderId Id="inbox"/><t:DistinguishedFolderId Id="tasks"/>',
        'AllProperties',
      ),
    );
    await call(findFolders('root'));
    await call(
      '<m:ResolveNames ReturnFullContactData="true"><m:UnresolvedEntry>anna</m:UnresolvedEntry></m:ResolveNames>',
    );
    await call(
      '<m:ResolveNames ReturnFullContactData="false"><m:UnresolvedEntry>nobody here</m:UnresolvedEntry></m:ResolveNames>',
    );
    for (const list of ['team', 'hidden', 'dynamic', 'nobody']) {
      await call(
        `<m:ExpandDL><m:Mailbox><t:EmailAddress>${list}@corp.example</t:EmailAddress></m:Mailbox></m:ExpandDL>`,
      );
    }
    await call(
      '<m:ResolveNames ReturnFullContactData="true" SearchScope="ActiveDirectory"><m:UnresolvedEntry>smtp:a</m:UnresolvedEntry></m:ResolveNames>',
    );
    await call('<m:GetRoomLists/>');
    for (const list of ['rooms', 'team']) {
      await call(
        `<m:GetRooms><m:RoomList><t:EmailAddress>${list}@corp.example</t:EmailAddress></m:RoomList></m:GetRooms>`,
      );
    }
    await control(simulator, 'PATCH', '/settings', { receivedAddresses: 'EX' });
    await call(getItems(itemId(attributes(view.text, 'ItemId', 'Id')[1]!), all), 'boris@corp.example');
    await call('<m:GetServerTimeZones ReturnFullTimeZoneData="true"/>');
    replies.push(...(await streamEnvelopes(simulator, call)));
    await control(simulator, 'POST', '/faults', {
      action: { form: 'responseMessage', code: 'ErrorServerBusy', backOffMs: 10 },
    });
    await call(syncItems());
    await control(simulator, 'POST', '/faults', {
      action: { form: 'responseMessage', code: 'ErrorItemCorrupt', positions: [0] },
    });
    await call(getItems(itemId(series!) + itemId(series!)));
  } finally {
    await simulator.close();
  }
  return replies;
}

/** Envelopes of a stream that sees every kind of event and refusal, after the replies around it. */
async function streamEnvelopes(simulator: ExchangeSimulator, call: (body: string) => Promise<SoapReply>) {
  await control(simulator, 'PATCH', '/settings', { streaming: { prefixes: { s: 's' }, messageText: 'ж' } });
  const subscribed = await call(subscribeBody());
  await call(subscribeBody(''));
  const id = texts(subscribed.text, 'SubscriptionId')[0]!;
  const stream = await TestStream.open(simulator, [id]);
  const created = await call(createItems(calendarItem('x', '2026-09-02T08:00:00Z', '2026-09-02T09:00:00Z')));
  const item = itemId(attributes(created.text, 'ItemId', 'Id')[0]!);
  const into = (folder: string) =>
    `<m:ToFolderId><t:DistinguishedFolderId Id="${folder}"/></m:ToFolderId><m:ItemIds>${item}</m:ItemIds>`;
  await call(updateItem(item, set({ 'item:Subject': '<t:Subject>y</t:Subject>' })));
  await call(`<m:CopyItem>${into('calendar')}</m:CopyItem>`);
  await call(`<m:MoveItem>${into('deleteditems')}</m:MoveItem>`);
  await call(`<m:MoveItem>${into('calendar')}<m:ReturnNewItemIds>false</m:ReturnNewItemIds></m:MoveItem>`);
  await call(unsubscribeBody(id));
  await eventually(() => stream.ending).toBe('end');
  await call(unsubscribeBody(id));
  await call(streamBody([id]));
  return stream.envelopes.map((text) => ({ status: stream.status, text }));
}

test.skipIf(!available)(
  `every kind of reply is valid by the Exchange 2016 schema (in ${SCHEMA_DIR}, or set EWS_SCHEMA_DIR)`,
  async () => {
    const replies = await everyReply();
    expect(replies.filter(({ status }) => status !== 200).map(({ text }) => text)).toEqual([]);
    const file = (fileName: string) => ({ fileName, contents: readFileSync(`${SCHEMA_DIR}/${fileName}`, 'utf8') });
    const { errors } = await validateXML({
      xml: replies.map((reply, index) => ({ fileName: `reply-${index}.xml`, contents: bodyOf(reply) })),
      schema: [file('messages.xsd')],
      preload: [file('types.xsd'), file('xml.xsd')],
      maxMemoryPages: 8192,
    });
    const described = errors.map(({ loc, message }) => {
      const index = Number(/\d+/.exec(loc?.fileName ?? '')?.[0] ?? 0);
      return `${message} in ${bodyOf(replies[index]!)
        .replace(/ xmlns:\w+="[^"]*"/g, '')
        .slice(0, 200)}`;
    });
    expect(described).toEqual([]);
  },
);
