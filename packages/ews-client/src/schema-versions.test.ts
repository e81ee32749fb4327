import { describe, expect, test } from 'vitest';
import { CannedExchange, type SeenRequest } from './testing/canned-exchange.ts';
import { answers, calendarItem, failure, fault, gotItem, success } from './testing/replies.ts';

const anna = 'anna@corp.example';
const boris = 'boris@corp.example';
const folder = answers(
  'GetFolder',
  success('GetFolder', '<m:Folders><t:CalendarFolder><t:FolderId Id="f"/></t:CalendarFolder></m:Folders>'),
);
const versionOf = ({ body }: SeenRequest) => /RequestServerVersion Version="(\w+)"/.exec(body)?.[1];

describe('a version that is refused', () => {
  test('by a server is asked with the older one from then on, for every mailbox', async () => {
    await using exchange = await CannedExchange.start((request) =>
      versionOf(request) === 'Exchange2013_SP1'
        ? { status: 500, body: fault('ErrorIncorrectSchemaVersion') }
        : { body: folder },
    );
    const client = exchange.client();
    for (const mailbox of [anna, boris, anna]) await client.getCalendarFolder(mailbox);
    expect(exchange.requests.map(versionOf)).toEqual([
      'Exchange2013_SP1',
      'Exchange2010_SP2',
      'Exchange2010_SP2',
      'Exchange2010_SP2',
    ]);
  });

  test('for one mailbox leaves the others at the newer one', async () => {
    await using exchange = await CannedExchange.start((request) =>
      versionOf(request) === 'Exchange2013_SP1' && request.body.includes(anna)
        ? { body: answers('GetFolder', failure('GetFolder', 'ErrorInvalidSchemaVersionForMailboxVersion')) }
        : { body: folder },
    );
    const client = exchange.client();
    for (const mailbox of [anna, boris, anna]) await client.getCalendarFolder(mailbox);
    expect(exchange.requests.map(versionOf)).toEqual([
      'Exchange2013_SP1',
      'Exchange2010_SP2',
      'Exchange2013_SP1',
      'Exchange2010_SP2',
    ]);
  });

  test('is stepped down once: what refuses the older one too says so', async () => {
    await using exchange = await CannedExchange.start({ status: 500, body: fault('ErrorIncorrectSchemaVersion') });
    const client = exchange.client();
    const refused = { responseCode: 'ErrorIncorrectSchemaVersion', errorClass: 'config' };
    await expect(client.getCalendarFolder(anna)).rejects.toMatchObject(refused);
    expect(exchange.requests).toHaveLength(2);
    await expect(client.getCalendarFolder(anna)).rejects.toMatchObject(refused);
    expect(exchange.requests).toHaveLength(3);
  });

  test('is not asked for what it does not know', async () => {
    await using exchange = await CannedExchange.start((request) =>
      versionOf(request) === 'Exchange2013_SP1'
        ? { body: answers('GetItem', failure('GetItem', 'ErrorInvalidSchemaVersionForMailboxVersion')) }
        : { body: answers('GetItem', gotItem(calendarItem('a'))) },
    );
    const results = await exchange.client().getItems(anna, [{ itemId: 'a' }], { body: 'preview' });
    expect(results.map(({ ok }) => ok)).toEqual([true]);
    expect(exchange.requests.map(({ body }) => body.includes('JoinOnlineMeetingUrl'))).toEqual([true, false]);
  });
});
