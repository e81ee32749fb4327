import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { CannedExchange } from './testing/canned-exchange.ts';
import { answers, calendarItem, failure, gotItem, success, view } from './testing/replies.ts';
import { testCertificate } from './testing/test-certificate.ts';

const anna = 'anna@corp.example';
const september = { from: new Date('2026-09-01T00:00:00Z'), to: new Date('2026-10-01T00:00:00Z') };
const folderReply = answers(
  'GetFolder',
  success(
    'GetFolder',
    '<m:Folders><t:CalendarFolder><t:FolderId Id="F=" ChangeKey="c"/></t:CalendarFolder></m:Folders>',
  ),
);

function syncReply(changes: string, last = 'true', state = 'S1'): string {
  const content = `<m:SyncState>${state}</m:SyncState><m:IncludesLastItemInRange>${last}</m:IncludesLastItemInRange><m:Changes>${changes}</m:Changes>`;
  return answers('SyncFolderItems', success('SyncFolderItems', content));
}

describe('a call', () => {
  test('carries login, mailbox, version and zone', async () => {
    await using exchange = await CannedExchange.start({ body: folderReply });
    await exchange.client({ login: 'svc@corp.example', password: 'pä:ss' }).getCalendarFolder(anna);
    const [request] = exchange.requests;
    expect(request?.url).toBe('/EWS/Exchange.asmx');
    expect(request?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('svc@corp.example:pä:ss', 'utf8').toString('base64')}`,
      'content-type': 'text/xml; charset=utf-8',
      'x-anchormailbox': anna,
      'client-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'return-client-request-id': 'true',
      'accept-encoding': 'gzip',
      'user-agent': 'TrueConf-Calendar-Connector',
    });
    expect(request?.headers.cookie).toBeUndefined();
    expect(request?.body).toContain(`<t:SmtpAddress>${anna}</t:SmtpAddress>`);
    expect(request?.body).toContain('<t:RequestServerVersion Version="Exchange2013_SP1"');
    expect(request?.body).toContain('<t:TimeZoneDefinition Id="UTC"');
  });

  test.each(['svc', 'CORP\\svc', 'svc@corp.example'])('sends the login %s as it is written', async (login) => {
    await using exchange = await CannedExchange.start({ body: folderReply });
    await exchange.client({ login }).getCalendarFolder(anna);
    const sent = exchange.requests[0]?.headers.authorization?.replace('Basic ', '') ?? '';
    expect(Buffer.from(sent, 'base64').toString()).toBe(`${login}:p4ss-w0rd`);
  });

  test('names a mailbox outside ASCII in UTF-8 bytes', async () => {
    await using exchange = await CannedExchange.start({ body: folderReply });
    await exchange.client().getCalendarFolder('жанна@corp.example');
    const anchor = Buffer.from(String(exchange.requests[0]?.headers['x-anchormailbox']), 'latin1').toString('utf8');
    expect(anchor).toBe('жанна@corp.example');
  });

  test('reuses its few sockets', async () => {
    await using exchange = await CannedExchange.start({ body: folderReply });
    const client = exchange.client({ connections: 2 });
    await Promise.all(Array.from({ length: 12 }, () => client.getCalendarFolder(anna)));
    expect(exchange.requests).toHaveLength(12);
    expect(new Set(exchange.requests.map((request) => request.port)).size).toBeLessThanOrEqual(2);
  });

  test('reads gzip, chunked anywhere', async () => {
    const packed = gzipSync(folderReply);
    await using exchange = await CannedExchange.start({
      headers: { 'content-encoding': 'gzip' },
      body: [packed.subarray(0, 5), packed.subarray(5, 50), packed.subarray(50)],
    });
    expect(await exchange.client().getCalendarFolder(anna)).toEqual({ folderId: 'F=', serverTime: expect.any(Date) });
  });

  test('trusts the given authority over TLS', async () => {
    await using exchange = await CannedExchange.start({ body: folderReply }, { tls: true });
    const client = exchange.client({ ca: testCertificate });
    expect(await client.getCalendarFolder(anna)).toMatchObject({ folderId: 'F=' });
  });
});

describe('syncFolderItems', () => {
  test('keeps the order of changes and counts what no calendar has', async () => {
    const changes =
      '<t:Create><t:CalendarItem><t:ItemId Id="a"/></t:CalendarItem></t:Create><t:Delete><t:ItemId Id="b"/></t:Delete>' +
      '<t:Create><t:CalendarItem><t:ItemId Id="c"/></t:CalendarItem></t:Create><t:ReadFlagChange><t:ItemId Id="d"/>' +
      '<t:IsRead>true</t:IsRead></t:ReadFlagChange><t:Update><t:CalendarItem><t:ItemId Id="a"/></t:CalendarItem></t:Update>' +
      '<t:Create><t:Message><t:ItemId Id="m"/></t:Message></t:Create><t:Invented><t:ItemId Id="x"/></t:Invented>';
    await using exchange = await CannedExchange.start({ body: syncReply(changes, 'false') });
    const page = await exchange.client().syncFolderItems(anna, { folderId: 'F', syncState: 'S0' });
    expect(page).toEqual({
      syncState: 'S1',
      complete: false,
      changes: [
        { kind: 'create', itemId: 'a' },
        { kind: 'delete', itemId: 'b' },
        { kind: 'create', itemId: 'c' },
        { kind: 'readFlag', itemId: 'd' },
        { kind: 'update', itemId: 'a' },
      ],
      ignored: 2,
    });
    expect(exchange.requests[0]?.body).toContain('<m:SyncState>S0</m:SyncState>');
    expect(exchange.requests[0]?.body).toContain('<m:MaxChangesReturned>512</m:MaxChangesReturned>');
  });

  test('the first call sends no state', async () => {
    await using exchange = await CannedExchange.start({ body: syncReply('') });
    await exchange.client().syncFolderItems(anna, { folderId: 'F', syncState: null, maxChanges: 10 });
    expect(exchange.requests[0]?.body).not.toContain('SyncState>');
  });

  test('never hands on an empty state, neither of a success nor of a busy server', async () => {
    const busy = failure(
      'SyncFolderItems',
      'ErrorServerBusy',
      '<m:SyncState/><m:IncludesLastItemInRange>true</m:IncludesLastItemInRange>',
    );
    await using exchange = await CannedExchange.start((_request, number) => ({
      body: number === 1 ? syncReply('', 'true', ' ') : answers('SyncFolderItems', busy),
    }));
    const sync = () => exchange.client().syncFolderItems(anna, { folderId: 'F', syncState: 'S0' });
    await expect(sync()).rejects.toMatchObject({ code: 'ews-bad-reply', errorClass: 'transient' });
    await expect(sync()).rejects.toMatchObject({ responseCode: 'ErrorServerBusy', errorClass: 'throttle' });
  });
});

describe('findCalendarView', () => {
  test('reads every field of an item', async () => {
    const item = `<t:CalendarItem><t:ItemId Id="i" ChangeKey="k"/><t:Subject>Plan &amp; talk</t:Subject>
      <t:Sensitivity>Private</t:Sensitivity><t:Categories><t:String>Red</t:String><t:String>Blue</t:String></t:Categories>
      <t:ReminderIsSet>true</t:ReminderIsSet><t:ReminderMinutesBeforeStart>15</t:ReminderMinutesBeforeStart>
      <t:ExtendedProperty><t:ExtendedFieldURI DistinguishedPropertySetId="Meeting" PropertyId="35" PropertyType="Binary"/>
      <t:Value>BAAAAIIA4AB0xbc=</t:Value></t:ExtendedProperty><t:LastModifiedTime>2026-08-30T10:00:00Z</t:LastModifiedTime>
      <t:UID>040000008200E00074C5B7</t:UID><t:RecurrenceId>2026-09-01T07:00:00Z</t:RecurrenceId>
      <t:Start>2026-09-02T07:00:00Z</t:Start><t:End>2026-09-02T08:00:00Z</t:End><t:IsAllDayEvent>false</t:IsAllDayEvent>
      <t:LegacyFreeBusyStatus>OOF</t:LegacyFreeBusyStatus><t:Location>Room 1</t:Location><t:IsMeeting>true</t:IsMeeting>
      <t:IsCancelled>false</t:IsCancelled><t:IsRecurring>true</t:IsRecurring><t:CalendarItemType>Exception</t:CalendarItemType>
      <t:MyResponseType>Accept</t:MyResponseType><t:Organizer><t:Mailbox><t:Name>Boris</t:Name></t:Mailbox></t:Organizer>
      <t:AppointmentState>3</t:AppointmentState><t:StartTimeZone Id="W. Europe Standard Time" Name="(UTC+01:00)"/>
      </t:CalendarItem>`;
    await using exchange = await CannedExchange.start({ body: view(item) });
    const found = await exchange.client().findCalendarView(anna, { ...september, folderId: 'F' });
    expect(found).toEqual({
      items: [
        {
          itemId: 'i',
          changeKey: 'k',
          uid: '040000008200E00074C5B7',
          cleanGlobalObjectId: '040000008200E00074C5B7',
          globalObjectId: null,
          kind: 'exception',
          subject: 'Plan & talk',
          location: 'Room 1',
          start: new Date('2026-09-02T07:00:00Z'),
          end: new Date('2026-09-02T08:00:00Z'),
          isAllDay: false,
          recurrenceId: new Date('2026-09-01T07:00:00Z'),
          isRecurring: true,
          isMeeting: true,
          isCancelled: false,
          isOrganizer: false,
          organizerName: 'Boris',
          myResponse: 'accepted',
          freeBusy: 'oof',
          sensitivity: 'private',
          categories: ['Red', 'Blue'],
          reminderMinutes: 15,
          lastModified: new Date('2026-08-30T10:00:00Z'),
          startZone: { id: 'W. Europe Standard Time', name: '(UTC+01:00)', rules: null },
        },
      ],
      unreadable: [],
      complete: true,
      total: 1,
    });
    expect(exchange.requests[0]?.body).toContain('StartDate="2026-09-01T00:00:00Z" EndDate="2026-10-01T00:00:00Z"');
  });

  test('one unreadable item costs only itself (trap 1), and a cut view says so', async () => {
    const poison = calendarItem('bad').replace(/<t:Start>.*?<\/t:Start>/, '');
    const items = `${calendarItem('1', '<t:Subject>a&#x0;&#x1A;b\u0001</t:Subject>')}${poison}${calendarItem('2')}<t:Message/>`;
    const cut = 'TotalItemsInView="4" IncludesLastItemInRange="false"';
    await using exchange = await CannedExchange.start({ body: view(items, cut) });
    const found = await exchange.client().findCalendarView(anna, september);
    expect(found.items.map((item) => [item.itemId, item.subject])).toEqual([
      ['1', 'ab'],
      ['2', ''],
    ]);
    expect(found.unreadable).toEqual([
      { itemId: 'bad', reason: 't:Start is missing' },
      { itemId: null, reason: 't:Message is no calendar item' },
    ]);
    expect(found).toMatchObject({ complete: false, total: 4 });
  });

  test('an unknown sensitivity hides rather than shows; other unknown values stay unknown', async () => {
    const odd =
      '<t:Sensitivity>TopSecret</t:Sensitivity><t:LegacyFreeBusyStatus>constructor</t:LegacyFreeBusyStatus><t:MyResponseType>Maybe</t:MyResponseType>';
    await using exchange = await CannedExchange.start({ body: view(calendarItem('1', odd)) });
    const found = await exchange.client().findCalendarView(anna, september);
    expect(found.items[0]).toMatchObject({ sensitivity: 'private', freeBusy: 'noData', myResponse: 'unknown' });
  });

  test('refuses a range that Exchange would refuse', async () => {
    await using exchange = await CannedExchange.start({ body: view('') });
    const client = exchange.client();
    const backwards = client.findCalendarView(anna, { from: september.to, to: september.from });
    await expect(backwards).rejects.toMatchObject({ code: 'ews-bad-request' });
    const long = client.findCalendarView(anna, { from: september.from, to: new Date('2028-09-02T00:00:00Z') });
    await expect(long).rejects.toMatchObject({ code: 'ews-bad-request', errorClass: 'size' });
    await expect(client.findCalendarView('anna', september)).rejects.toMatchObject({ code: 'ews-bad-request' });
    expect(exchange.requests).toEqual([]);
  });
});

describe('getItems', () => {
  test('answers each request in its place, whatever fails', async () => {
    const messages = [
      gotItem(calendarItem('1')),
      failure('GetItem', 'ErrorCorruptData', '<m:Items/>'),
      gotItem(calendarItem('3', '', 'RecurringMaster')),
      failure('GetItem', 'ErrorBatchProcessingStopped', '<m:Items/>', 'Warning'),
      failure('GetItem', 'ErrorInvalidPropertyRequest', '<m:Items/>'),
    ];
    await using exchange = await CannedExchange.start({ body: answers('GetItem', ...messages) });
    const asked = [{ itemId: '1' }, { itemId: '2' }, { masterOf: 'o' }, { itemId: '4' }, { itemId: 'note' }];
    const results = await exchange.client().getItems(anna, asked, { body: 'preview' });
    expect(results).toEqual([
      { ok: true, item: expect.objectContaining({ itemId: '1', kind: 'single' }) },
      {
        ok: false,
        error: expect.objectContaining({ responseCode: 'ErrorCorruptData', errorClass: 'item', scope: 'item' }),
      },
      { ok: true, item: expect.objectContaining({ itemId: '3', kind: 'recurringMaster' }) },
      {
        ok: false,
        error: expect.objectContaining({ responseCode: 'ErrorBatchProcessingStopped', errorClass: 'size' }),
      },
      {
        ok: false,
        error: expect.objectContaining({ responseCode: 'ErrorInvalidPropertyRequest', errorClass: 'item' }),
      },
    ]);
    expect(exchange.requests[0]?.body).toMatch(
      /ItemId Id="1".*ItemId Id="2".*RecurringMasterItemId OccurrenceId="o".*ItemId Id="4"/,
    );
  });

  test('reads people, body, links and the rule of a series', async () => {
    const body = `Agenda\n\n${'xy '.repeat(300)} https://video.corp.example/c/team`;
    const more = `<t:Body BodyType="Text">${body}</t:Body><t:OriginalStart>2026-09-01T07:00:00Z</t:OriginalStart>
      <t:Organizer><t:Mailbox><t:Name>Boris</t:Name><t:EmailAddress>boris@corp.example</t:EmailAddress><t:RoutingType>SMTP</t:RoutingType></t:Mailbox></t:Organizer>
      <t:RequiredAttendees><t:Attendee><t:Mailbox><t:Name>Anna</t:Name><t:EmailAddress>/o=corp/cn=anna</t:EmailAddress><t:RoutingType>EX</t:RoutingType></t:Mailbox><t:ResponseType>Tentative</t:ResponseType></t:Attendee></t:RequiredAttendees>
      <t:OptionalAttendees><t:Attendee><t:Mailbox><t:EmailAddress>team@corp.example</t:EmailAddress><t:MailboxType>PublicDL</t:MailboxType></t:Mailbox></t:Attendee></t:OptionalAttendees>
      <t:AppointmentSequenceNumber>2</t:AppointmentSequenceNumber>
      <t:Recurrence><t:WeeklyRecurrence><t:Interval>2</t:Interval><t:DaysOfWeek>Monday Friday</t:DaysOfWeek></t:WeeklyRecurrence>
      <t:EndDateRecurrence><t:StartDate>2026-09-01+02:00</t:StartDate><t:EndDate>2026-12-31Z</t:EndDate></t:EndDateRecurrence></t:Recurrence>
      <t:ModifiedOccurrences><t:Occurrence><t:ItemId Id="x"/><t:Start>2026-09-08T09:00:00Z</t:Start><t:End>2026-09-08T10:00:00Z</t:End><t:OriginalStart>2026-09-08T07:00:00Z</t:OriginalStart></t:Occurrence></t:ModifiedOccurrences>
      <t:DeletedOccurrences><t:DeletedOccurrence><t:Start>2026-09-15T07:00:00Z</t:Start></t:DeletedOccurrence></t:DeletedOccurrences>
      <t:StartTimeZone Id="W. Europe Standard Time"/><t:JoinOnlineMeetingUrl>https://join.example/1</t:JoinOnlineMeetingUrl>`;
    await using exchange = await CannedExchange.start({
      body: answers('GetItem', gotItem(calendarItem('1', more, 'RecurringMaster'))),
    });
    const [result] = await exchange.client().getItems(anna, [{ masterOf: 'o' }], { body: 'preview' });
    if (!result?.ok) throw new Error('no item');
    expect(result.item).toMatchObject({
      organizer: { name: 'Boris', address: 'boris@corp.example', routingType: 'SMTP', mailboxType: null },
      requiredAttendees: [{ name: 'Anna', address: '/o=corp/cn=anna', routingType: 'EX', response: 'tentative' }],
      optionalAttendees: [{ name: null, address: 'team@corp.example', mailboxType: 'PublicDL', response: 'unknown' }],
      resources: [],
      bodyLinks: ['https://video.corp.example/c/team'],
      joinOnlineMeetingUrl: 'https://join.example/1',
      originalStart: new Date('2026-09-01T07:00:00Z'),
      sequence: 2,
      recurrence: {
        pattern: { type: 'weekly', interval: 2, daysOfWeek: ['Monday', 'Friday'], firstDayOfWeek: null },
        range: { type: 'endDate', startDate: '2026-09-01', endDate: '2026-12-31' },
      },
      modifiedOccurrences: [{ itemId: 'x', originalStart: new Date('2026-09-08T07:00:00Z') }],
      deletedOccurrences: [new Date('2026-09-15T07:00:00Z')],
      seriesZone: { id: 'W. Europe Standard Time' },
    });
    expect(result.item.bodyPreview).toMatch(/^Agenda xy xy/);
    expect(result.item.bodyPreview).toHaveLength(255);
    expect(JSON.stringify(result.item)).not.toContain('xy '.repeat(200));
  });

  test('an item without required fields is an item error, and no body is asked for when none is wanted', async () => {
    const broken = gotItem(calendarItem('1').replace('Single', 'Strange'));
    await using exchange = await CannedExchange.start({ body: answers('GetItem', broken) });
    const [result] = await exchange.client().getItems(anna, [{ itemId: '1' }], { body: 'none' });
    expect(result).toEqual({
      ok: false,
      error: expect.objectContaining({ code: 'ews-bad-reply', errorClass: 'item' }),
    });
    expect(exchange.requests[0]?.body).not.toContain('Body"');
  });

  test('asks nothing for nothing, and not more than Exchange takes in one request', async () => {
    await using exchange = await CannedExchange.start({ body: '' });
    expect(await exchange.client().getItems(anna, [], { body: 'none' })).toEqual([]);
    const many = Array.from({ length: 3000 }, (_, index) => ({ itemId: `${index}`.padStart(150, 'A') }));
    const call = exchange.client().getItems(anna, many, { body: 'none' });
    await expect(call).rejects.toMatchObject({ code: 'ews-bad-request', errorClass: 'size' });
    expect(exchange.requests).toEqual([]);
  });
});
