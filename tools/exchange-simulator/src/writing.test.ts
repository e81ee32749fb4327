import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ExchangeSimulator, TrueOccurrence } from './index.ts';
import { control, startCompany } from './testing/fixture.ts';
import { calendarItem, createItems, deleteItems, getItems, itemId, set, updateItem, zone } from './testing/requests.ts';
import { attributes, codes, soap, texts } from './testing/soap-client.ts';

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

describe('singles', () => {
  test('a new item keeps what was written, down to custom MAPI properties', async () => {
    const property =
      '<t:ExtendedFieldURI DistinguishedPropertySetId="PublicStrings" PropertyName="x-room-code" PropertyType="String"/>';
    const id = await create(
      calendarItem('Plan &amp; &lt;more&gt;', '2026-09-01T10:00:00', '2026-09-01T11:00:00', {
        before: `<t:Sensitivity>Private</t:Sensitivity><t:Categories><t:String>Red</t:String></t:Categories><t:ExtendedProperty>${property}<t:Value>42</t:Value></t:ExtendedProperty>`,
        after: `<t:Location>Here</t:Location>${zone('Russian Standard Time')}`,
      }),
    );
    const request = getItems(itemId(id)).replace(
      '</t:BaseShape>',
      `</t:BaseShape><t:AdditionalProperties>${property}</t:AdditionalProperties>`,
    );
    const { text } = await soap(simulator, request);
    expect(texts(text, 'Subject')).toEqual(['Plan &amp; &lt;more&gt;']);
    expect(texts(text, 'Sensitivity')).toEqual(['Private']);
    expect(texts(text, 'String')).toEqual(['Red']);
    expect(texts(text, 'Value')).toEqual(['42']);
    // No offset and no time zone context: UTC, whatever zone the item names.
    expect(texts(text, 'Start')).toEqual(['2026-09-01T10:00:00Z']);
    expect(attributes(text, 'StartTimeZone', 'Id')).toEqual(['Russian Standard Time']);
  });

  test('an update changes what it names, the change key and the modification time', async () => {
    const id = await create(
      calendarItem('old', '2026-09-01T10:00:00Z', '2026-09-01T11:00:00Z', { after: '<t:Location>Here</t:Location>' }),
    );
    const before = await read(id);
    await control(simulator, 'PUT', '/clock', { offsetMs: 3_600_000 });
    const remove = '<t:DeleteItemField><t:FieldURI FieldURI="calendar:Location"/></t:DeleteItemField>';
    const reply = await soap(
      simulator,
      updateItem(itemId(id), set({ 'item:Subject': '<t:Subject>new</t:Subject>' }) + remove),
    );
    expect(codes(reply)).toEqual(['NoError']);
    const after = await read(id);
    expect([texts(after, 'Subject'), texts(after, 'Location')]).toEqual([['new'], []]);
    expect(attributes(after, 'ItemId', 'ChangeKey')).toEqual(attributes(reply.text, 'ItemId', 'ChangeKey'));
    expect(attributes(after, 'ItemId', 'ChangeKey')).not.toEqual(attributes(before, 'ItemId', 'ChangeKey'));
    const modified = (text: string) => Date.parse(texts(text, 'LastModifiedTime')[0]!);
    expect(modified(after) - modified(before)).toBeGreaterThanOrEqual(3_599_000);
  });

  test('an outdated change key loses only where nothing may be overwritten', async () => {
    const reply = await soap(simulator, createItems(calendarItem('x', '2026-09-01T10:00:00Z', '2026-09-01T11:00:00Z')));
    const [id, key] = [attributes(reply.text, 'ItemId', 'Id')[0]!, attributes(reply.text, 'ItemId', 'ChangeKey')[0]!];
    const rename = (conflict: string) =>
      updateItem(itemId(id, key), set({ 'item:Subject': '<t:Subject>y</t:Subject>' }), 'SendToNone', conflict);
    expect(codes(await soap(simulator, rename('NeverOverwrite')))).toEqual(['NoError']);
    expect(codes(await soap(simulator, rename('NeverOverwrite')))).toEqual(['ErrorIrresolvableConflict']);
    expect(codes(await soap(simulator, rename('AutoResolve')))).toEqual(['NoError']);
  });

  test('append adds to a body and to attendees, and to nothing else', async () => {
    const id = await create(
      calendarItem('x', '2026-09-01T10:00:00Z', '2026-09-01T11:00:00Z', {
        before: '<t:Body BodyType="Text">one</t:Body>',
      }),
    );
    const append = (uri: string, field: string) =>
      updateItem(
        itemId(id),
        `<t:AppendToItemField><t:FieldURI FieldURI="${uri}"/><t:CalendarItem>${field}</t:CalendarItem></t:AppendToItemField>`,
      );
    await soap(simulator, append('item:Body', '<t:Body BodyType="Text">, two</t:Body>'));
    expect(texts(await read(id), 'Body')).toEqual(['one, two']);
    expect(codes(await soap(simulator, append('item:Subject', '<t:Subject>y</t:Subject>')))).toEqual([
      'ErrorInvalidPropertyAppend',
    ]);
  });

  test.each([
    [
      'an end before the start',
      calendarItem('x', '2026-09-02T10:00:00Z', '2026-09-01T11:00:00Z'),
      'ErrorCalendarEndDateIsEarlierThanStartDate',
    ],
    [
      'a read-only property',
      calendarItem('x', '2026-09-01T10:00:00Z', '2026-09-01T11:00:00Z', {
        after: '<t:IsCancelled>true</t:IsCancelled>',
      }),
      'ErrorInvalidPropertySet',
    ],
    [
      'an unknown zone',
      calendarItem('x', '2026-09-01T10:00:00Z', '2026-09-01T11:00:00Z', { after: '<t:StartTimeZone Id="Nowhere"/>' }),
      'ErrorTimeZone',
    ],
    ['a message', '<t:Message/>', 'ErrorInvalidItemForOperationCreateItem'],
    [
      'a date that does not exist',
      calendarItem('x', '2026-02-30T10:00:00Z', '2026-09-01T11:00:00Z'),
      'ErrorSchemaValidation',
    ],
  ])('%s is refused', async (_what, item, code) => {
    expect(codes(await soap(simulator, createItems(item)))).toEqual([code]);
    expect(await truth()).toEqual([]);
  });

  test('one bad item of several does not keep the others from being stored', async () => {
    const bad = calendarItem('bad', '2026-09-02T10:00:00Z', '2026-09-01T11:00:00Z');
    const good = calendarItem('good', '2026-09-01T10:00:00Z', '2026-09-01T11:00:00Z');
    expect(codes(await soap(simulator, createItems(good + bad + good)))).toEqual([
      'NoError',
      'ErrorCalendarEndDateIsEarlierThanStartDate',
      'NoError',
    ]);
    expect(await truth()).toHaveLength(2);
  });

  test('a deleted item is gone, and deleting it again says so', async () => {
    const id = await create(calendarItem('x', '2026-09-01T10:00:00Z', '2026-09-01T11:00:00Z'));
    expect(codes(await soap(simulator, deleteItems(itemId(id))))).toEqual(['NoError']);
    expect(codes(await soap(simulator, deleteItems(itemId(id))))).toEqual(['ErrorItemNotFound']);
    expect(await truth()).toEqual([]);
  });
});

describe('all-day items', () => {
  test.each([
    ['W. Europe Standard Time', '2026-09-09T22:00:00Z', '2026-09-10T22:00:00Z'],
    ['Samoa Standard Time', '2026-09-09T11:00:00Z', '2026-09-10T11:00:00Z'],
    ['Hawaiian Standard Time', '2026-09-10T10:00:00Z', '2026-09-11T10:00:00Z'],
    // The end of summer time: a day of 25 hours.
    ['GTB Standard Time', '2026-10-24T21:00:00Z', '2026-10-25T22:00:00Z'],
  ])('a day in %s runs from midnight to midnight there', async (timeZone, start, end) => {
    const middle = new Date((Date.parse(start) + Date.parse(end)) / 2).toISOString().replace('.000', '');
    const id = await create(
      calendarItem('day', middle, middle, { after: `<t:IsAllDayEvent>true</t:IsAllDayEvent>${zone(timeZone)}` }),
    );
    const text = await read(id);
    expect([texts(text, 'Start')[0], texts(text, 'End')[0]]).toEqual([start, end]);
    const [day] = await truth();
    expect(day).toMatchObject({ allDay: true, startDate: expect.stringMatching(/^2026-(09-10|10-25)$/) });
  });
});

test('a request that breaks the schema anywhere changes nothing at all', async () => {
  const good = calendarItem('good', '2026-09-01T10:00:00Z', '2026-09-01T11:00:00Z');
  expect(
    codes(await soap(simulator, createItems(`${good}<t:CalendarItem><t:Start>soon</t:Start></t:CalendarItem>`))),
  ).toEqual(['ErrorSchemaValidation']);
  expect(await truth()).toEqual([]);
  const id = await create(good);
  const updates = set({ 'item:Subject': '<t:Subject>new</t:Subject>' });
  const broken = `<t:ItemChange>${itemId(id)}<t:Updates>${set({ 'calendar:Start': '<t:Start>soon</t:Start>' })}</t:Updates></t:ItemChange>`;
  const request = updateItem(itemId(id), updates).replace('</m:ItemChanges>', `${broken}</m:ItemChanges>`);
  expect(codes(await soap(simulator, request))).toEqual(['ErrorSchemaValidation']);
  expect((await truth())[0]!.subject).toBe('good');
});

test.each(['constructor', '__proto__', 'toString'])('the name %s is nothing special', async (name) => {
  expect(codes(await soap(simulator, createItems(`<t:${name}/>`)))).toEqual(['ErrorInvalidItemForOperationCreateItem']);
  expect(codes(await soap(simulator, `<m:${name}/>`))).toEqual(['ErrorInvalidRequest']);
  const extended = `<t:ExtendedFieldURI DistinguishedPropertySetId="${name}" PropertyName="${name}" PropertyType="String"/>`;
  const id = await create(calendarItem('x', '2026-09-01T10:00:00Z', '2026-09-01T11:00:00Z'));
  const shape = `<m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>${extended}</t:AdditionalProperties></m:ItemShape>`;
  expect(codes(await soap(simulator, getItems(itemId(id), shape)))).toEqual(['NoError']);
});
