import { describe, expect, test } from 'vitest';
import { EwsResponseError } from './index.ts';
import { CannedExchange } from './testing/canned-exchange.ts';
import { answers, envelope, failure, success } from './testing/replies.ts';

const anna = 'anna@corp.example';

function address(name: string, mailboxType = 'Mailbox', element = 't:Mailbox'): string {
  return `<${element}><t:Name>${name}</t:Name><t:EmailAddress>${name}@corp.example</t:EmailAddress><t:RoutingType>SMTP</t:RoutingType><t:MailboxType>${mailboxType}</t:MailboxType></${element}>`;
}

function person(name: string, mailboxType = 'Mailbox') {
  return { name, address: `${name}@corp.example`, routingType: 'SMTP', mailboxType };
}

function resolutions(last: string, ...content: string[]): string {
  const set = content.map((one) => `<t:Resolution>${one}</t:Resolution>`).join('');
  return `<m:ResolutionSet TotalItemsInView="1" IncludesLastItemInRange="${last}">${set}</m:ResolutionSet>`;
}

describe('resolveNames', () => {
  test('reads who it is and by which other addresses, and asks the directory only', async () => {
    const entries =
      '<t:Contact><t:EmailAddresses><t:Entry Key="EmailAddress1">SMTP:boris@corp.example</t:Entry>' +
      '<t:Entry Key="EmailAddress2">smtp:b@corp.example</t:Entry></t:EmailAddresses></t:Contact>';
    const reply = success('ResolveNames', resolutions('true', address('boris') + entries));
    await using exchange = await CannedExchange.start({ body: answers('ResolveNames', reply) });
    expect(await exchange.client().resolveNames(anna, 'smtp:b@corp.example')).toEqual({
      found: [{ ...person('boris'), addresses: ['SMTP:boris@corp.example', 'smtp:b@corp.example'] }],
      complete: true,
    });
    expect(exchange.requests[0]?.body).toMatch(/SearchScope="ActiveDirectory"/u);
  });

  test('takes the warning of several for the answer that it is', async () => {
    const several = resolutions('false', address('boris'), address('team', 'PublicDL'));
    const reply = failure('ResolveNames', 'ErrorNameResolutionMultipleResults', several, 'Warning');
    await using exchange = await CannedExchange.start({ body: answers('ResolveNames', reply) });
    const { found, complete } = await exchange.client().resolveNames(anna, 'b');
    expect(found.map(({ name }) => name)).toEqual(['boris', 'team']);
    expect(complete).toBe(false);
  });

  test('finds nobody without failing, and fails for everything else', async () => {
    const codes = ['ErrorNameResolutionNoResults', 'ErrorServerBusy'];
    await using exchange = await CannedExchange.start((_, number) => ({
      body: answers('ResolveNames', failure('ResolveNames', codes[number - 1] ?? '')),
    }));
    const client = exchange.client();
    expect(await client.resolveNames(anna, 'nobody')).toEqual({ found: [], complete: true });
    await expect(client.resolveNames(anna, 'nobody')).rejects.toMatchObject({ errorClass: 'throttle' });
  });
});

describe('expandList', () => {
  test('reads one level, people without an address too', async () => {
    const members = `${address('boris')}${address('team', 'PublicDL')}<t:Mailbox><t:Name>Eva</t:Name></t:Mailbox>`;
    const expansion = `<m:DLExpansion TotalItemsInView="3" IncludesLastItemInRange="true">${members}</m:DLExpansion>`;
    await using exchange = await CannedExchange.start({ body: answers('ExpandDL', success('ExpandDL', expansion)) });
    expect(await exchange.client().expandList(anna, 'all@corp.example')).toEqual({
      expandable: true,
      members: [
        person('boris'),
        person('team', 'PublicDL'),
        { name: 'Eva', address: null, routingType: null, mailboxType: null },
      ],
      complete: true,
    });
  });

  test('tells a list that cannot be expanded from one without members to see', async () => {
    const replies = [
      success('ExpandDL', '<m:DLExpansion TotalItemsInView="0" IncludesLastItemInRange="true"/>'),
      success('ExpandDL', ''),
      failure('ExpandDL', 'ErrorNameResolutionNoResults'),
      failure('ExpandDL', 'ErrorAccessDenied'),
    ];
    await using exchange = await CannedExchange.start((_, number) => ({
      body: answers('ExpandDL', replies[number - 1] ?? ''),
    }));
    const client = exchange.client();
    const expand = () => client.expandList(anna, 'all@corp.example');
    expect(await expand()).toEqual({ expandable: true, members: [], complete: true });
    expect(await expand()).toEqual({ expandable: true, members: [], complete: true });
    expect(await expand()).toEqual({ expandable: false, members: [], complete: true });
    await expect(expand()).rejects.toThrow(EwsResponseError);
  });
});

describe('rooms', () => {
  const whole = (operation: string, content: string) =>
    envelope(
      `<m:${operation}Response ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>${content}</m:${operation}Response>`,
    );

  test('are read from responses that have no list of messages', async () => {
    await using exchange = await CannedExchange.start(({ body }) => ({
      body: body.includes('GetRoomLists')
        ? whole('GetRoomLists', `<m:RoomLists>${address('rooms', 'PublicDL', 't:Address')}</m:RoomLists>`)
        : whole('GetRooms', `<m:Rooms><t:Room>${address('blue', 'Mailbox', 't:Id')}</t:Room><t:Room/></m:Rooms>`),
    }));
    const client = exchange.client();
    expect(await client.getRoomLists(anna)).toEqual([person('rooms', 'PublicDL')]);
    expect(await client.getRooms(anna, 'rooms@corp.example')).toEqual([person('blue')]);
  });

  test('there are none where Exchange has no lists, or another answer comes', async () => {
    const error = (code: string) =>
      envelope(
        `<m:GetRoomsResponse ResponseClass="Error"><m:ResponseCode>${code}</m:ResponseCode></m:GetRoomsResponse>`,
      );
    const bodies = [
      whole('GetRoomLists', ''),
      error('ErrorNameResolutionNoResults'),
      error('ErrorServerBusy'),
      answers('GetRooms'),
    ];
    await using exchange = await CannedExchange.start((_, number) => ({ body: bodies[number - 1] ?? '' }));
    const client = exchange.client();
    expect(await client.getRoomLists(anna)).toEqual([]);
    expect(await client.getRooms(anna, 'rooms@corp.example')).toEqual([]);
    await expect(client.getRooms(anna, 'rooms@corp.example')).rejects.toMatchObject({ errorClass: 'throttle' });
    await expect(client.getRooms(anna, 'rooms@corp.example')).rejects.toMatchObject({ code: 'ews-bad-reply' });
  });
});
