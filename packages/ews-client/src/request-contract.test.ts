import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { detailShape, idOnlyShape, viewShape } from './item-properties.ts';
import { ReplyReader } from './reply-reader.ts';
import { type EwsOperation, RequestContract } from './request-contract.ts';
import { type RequestBody, UnwritableValueError } from './soap-writer.ts';
import { CannedExchange } from './testing/canned-exchange.ts';
import { answers, calendarItem, failure, fault, gotItem, success, view } from './testing/replies.ts';

const schemaDirectory = process.env.EWS_SCHEMA_DIR ?? join(import.meta.dirname, '../../../../shared/ews-schema');
const schemaMissing = !existsSync(join(schemaDirectory, 'messages.xsd'));
const typesNamespace = 'http://schemas.microsoft.com/exchange/services/2006/types';

describe.skipIf(schemaMissing)(`requests against Exchange's schema (needs ${schemaDirectory})`, () => {
  test('every request that a client sends is valid, header and body', async () => {
    const bodies = await sentRequests();
    expect(bodies).toHaveLength(15);
    const documents = bodies.flatMap((request, index) => [
      { fileName: `body-${index}.xml`, contents: /<soap:Body>(.*)<\/soap:Body>/s.exec(request)?.[1] ?? '' },
      ...headersOf(request).map((contents, part) => ({ fileName: `header-${index}-${part}.xml`, contents })),
    ]);
    expect(documents).toHaveLength(bodies.length * 4);
    const wrong = { fileName: 'wrong.xml', contents: (documents[0]?.contents ?? '').replaceAll('IdOnly', 'IdsOnly') };
    const { errors } = await validate([...documents, wrong]);
    expect(errors.filter((error) => error.loc !== null && error.loc.fileName !== 'wrong.xml')).toEqual([]);
    expect(errors.map((error) => error.loc?.fileName)).toContain('wrong.xml');
  });
});

/** What a client really sends, hostile ids and all. */
async function sentRequests(): Promise<string[]> {
  const folderReply = failure('GetFolder', 'ErrorServerBusy');
  await using exchange = await CannedExchange.start(({ body }) => {
    if (body.includes('GetFolder')) return { body: answers('GetFolder', folderReply) };
    if (body.includes('m:SyncFolderItems'))
      return { body: answers('SyncFolderItems', failure('SyncFolderItems', 'ErrorServerBusy')) };
    const directory = ['ResolveNames', 'ExpandDL', 'GetRoomLists', 'GetRooms'].find((name) =>
      body.includes(`m:${name}`),
    );
    if (directory !== undefined) return { body: answers(directory, failure(directory, 'ErrorServerBusy')) };
    if (body.includes('m:FindItem')) return { body: view(calendarItem('1')) };
    if (body.includes('m:Subscribe>')) return { body: answers('Subscribe', failure('Subscribe', 'ErrorServerBusy')) };
    if (body.includes('m:Unsubscribe>')) return { body: answers('Unsubscribe', success('Unsubscribe', '')) };
    if (body.includes('m:GetStreamingEvents>')) return { body: fault('ErrorServerBusy') };
    const asked = body.match(/<t:(ItemId|RecurringMasterItemId) /g) ?? [];
    return { body: answers('GetItem', ...asked.map(() => gotItem(calendarItem('1')))) };
  });
  const client = exchange.client();
  const mailbox = 'anna@corp.example';
  const strange = 'AA<&>"\'\u0000é😀 ]]>==';
  const range = { from: new Date('2026-09-01T00:00:00.5Z'), to: new Date('2026-10-01T00:00:00Z') };
  await client.getCalendarFolder(mailbox).catch(() => {});
  await client.syncFolderItems(mailbox, { folderId: strange, syncState: null }).catch(() => {});
  await client.syncFolderItems(mailbox, { folderId: 'f', syncState: strange, maxChanges: 1 }).catch(() => {});
  await client.findCalendarView(mailbox, range);
  await client.findCalendarView(mailbox, { ...range, folderId: strange, maxEntries: 7 });
  await client.findStoredItems(mailbox, { folderId: strange, offset: 500, maxEntries: 7 });
  await client.getItems(mailbox, [{ itemId: strange }, { masterOf: strange }, { itemId: 'b' }], { body: 'preview' });
  await client.getItems(mailbox, [{ masterOf: 'a' }], { body: 'none' });
  const affinity = { anchor: mailbox, cookie: null };
  await client.subscribe(mailbox, affinity).catch(() => {});
  await client.unsubscribe(mailbox, strange, affinity);
  const stream = { subscriptionIds: [strange, 'b'], connectionMinutes: 30, silenceMs: 60_000 };
  const events = client.streamEvents(affinity, stream, new AbortController().signal);
  await events[Symbol.asyncIterator]()
    .next()
    .catch(() => {});
  await client.resolveNames(mailbox, strange).catch(() => {});
  await client.expandList(mailbox, strange).catch(() => {});
  await client.getRoomLists(mailbox).catch(() => {});
  await client.getRooms(mailbox, strange).catch(() => {});
  return exchange.requests.map((request) => request.body);
}

function headersOf(request: string): string[] {
  const header = /<soap:Header>(.*)<\/soap:Header>/s.exec(request)?.[1] ?? '';
  const whole = /<t:RequestServerVersion [^>]*\/>|<t:(ExchangeImpersonation|TimeZoneContext)>.*?<\/t:\1>/gs;
  const elements = header.match(whole) ?? [];
  return elements.map((element) => element.replace(/^<t:\w+/, `$& xmlns:t="${typesNamespace}"`));
}

async function validate(documents: readonly { fileName: string; contents: string }[]) {
  const schemaFile = async (fileName: string) => ({
    fileName,
    contents: await readFile(join(schemaDirectory, fileName), 'utf8'),
  });
  return await validateXML({
    xml: [...documents],
    schema: [await schemaFile('messages.xsd')],
    preload: [await schemaFile('types.xsd'), await schemaFile('xml.xsd')],
    initialMemoryPages: 512,
    maxMemoryPages: 2048,
  });
}

describe('RequestContract', () => {
  test('any text arrives as it was, but for characters that XML cannot hold', async () => {
    const contract = await RequestContract.load();
    const text = fc.string({ unit: 'binary', maxLength: 40 }).filter((value) => !value.startsWith('<![CDATA['));
    fc.assert(
      fc.property(text, (value) => {
        const body: RequestBody = {
          ItemShape: idOnlyShape,
          SyncFolderId: { FolderId: { attributes: { Id: value } } },
          SyncState: value,
          MaxChangesReturned: 1,
        };
        const sent = readBack(contract.write('SyncFolderItems', body, 'a@b'));
        // biome-ignore lint/suspicious/noControlCharactersInRegex: what XML 1.0 cannot hold
        const wanted = value.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '').toWellFormed();
        expect(sent.child('m:SyncState')?.text).toBe(wanted);
        expect(sent.descend('m:SyncFolderId', 't:FolderId')?.attribute('Id')).toBe(wanted);
      }),
    );
  });

  test('a value cannot smuggle elements in as a CDATA section', async () => {
    const contract = await RequestContract.load();
    const write = () =>
      contract.write('GetFolder', { FolderShape: { BaseShape: '\u0001<![CDATA[x]]></a><b>]]>' } }, 'a@b');
    expect(write).toThrow(UnwritableValueError);
  });

  test('items keep the order in which they are asked for, and elements the order of the schema', async () => {
    const contract = await RequestContract.load();
    const body: RequestBody = {
      ItemIds: { $choice: [item('1'), { RecurringMasterItemId: { attributes: { OccurrenceId: '2' } } }, item('3')] },
      ItemShape: detailShape('preview'),
    };
    const sent = readBack(contract.write('GetItem', body, 'a@b'));
    expect(sent.children.map((child) => child.name)).toEqual(['m:ItemShape', 'm:ItemIds']);
    expect(sent.child('m:ItemIds')?.children.map((child) => [...child.attributes.values()][0])).toEqual([
      '1',
      '2',
      '3',
    ]);
    expect(sent.child('m:ItemShape')?.children.map((child) => child.name)).toEqual([
      't:BaseShape',
      't:BodyType',
      't:AdditionalProperties',
    ]);
  });

  test('what FindItem cannot return is not asked of it (docs/reference/exchange.md §4.4)', async () => {
    const contract = await RequestContract.load();
    const sent = contract.write('FindItem', { ItemShape: viewShape }, 'a@b');
    expect(sent).not.toMatch(
      /item:Body|TextBody|MimeContent|Attachments|Attendees|Resources|Recurrence"|Occurrence"|Occurrences|OriginalStart|SequenceNumber/,
    );
  });

  test('knows its operations only', async () => {
    const contract = await RequestContract.load();
    expect(() => contract.write('DeleteItem' as EwsOperation, {}, 'a@b')).toThrow(UnwritableValueError);
  });
});

function item(id: string) {
  return { ItemId: { attributes: { Id: id } } };
}

function readBack(envelope: string) {
  const reader = new ReplyReader();
  reader.write(Buffer.from(envelope));
  const body = reader.end().child('s:Body')?.children[0];
  if (body === undefined) throw new Error('no body');
  return body;
}
