import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExchangeSimulator } from './start-exchange-simulator.ts';
import { control, startCompany } from './testing/fixture.ts';
import { attendees, calendarItem, calendarView, createItems, getItems, itemId, itemShape } from './testing/requests.ts';
import { attributes, codes, inner, soap, texts } from './testing/soap-client.ts';

let simulator: ExchangeSimulator;
beforeAll(async () => {
  simulator = await startCompany();
  await control(simulator, 'POST', '/seed', {
    mailboxes: [
      { address: 'dora@corp.example', displayName: 'Dora Adams' },
      { address: 'blue@corp.example', displayName: 'Blue room', room: true },
    ],
    lists: [
      { address: 'all@corp.example', displayName: 'Everybody', members: ['team@corp.example', 'dora@corp.example'] },
      {
        address: 'team@corp.example',
        aliases: ['crew@corp.example'],
        members: ['boris@corp.example', 'all@corp.example', 'eva@partner.example'],
      },
      { address: 'hidden@corp.example', members: ['chloe@corp.example'], membership: 'hidden' },
      { address: 'dynamic@corp.example', members: [], membership: 'dynamic' },
      { address: 'empty@corp.example', members: [] },
      { address: 'rooms@corp.example', members: ['blue@corp.example', 'dora@corp.example'], roomList: true },
    ],
  });
});
afterAll(() => simulator.close());

const expand = (address: string) =>
  soap(simulator, `<m:ExpandDL><m:Mailbox><t:EmailAddress>${address}</t:EmailAddress></m:Mailbox></m:ExpandDL>`);
const resolve = (entry: string, full = false, scope = 'ActiveDirectory') =>
  soap(
    simulator,
    `<m:ResolveNames ReturnFullContactData="${full}" SearchScope="${scope}"><m:UnresolvedEntry>${entry}</m:UnresolvedEntry></m:ResolveNames>`,
  );

describe('ExpandDL', () => {
  test('tells one level: mailboxes, lists, and contacts without a mailbox', async () => {
    const { text } = await expand('Team@corp.example');
    expect(texts(text, 'EmailAddress')).toEqual(['boris@corp.example', 'all@corp.example', 'eva@partner.example']);
    expect(texts(text, 'MailboxType')).toEqual(['Mailbox', 'PublicDL', 'Contact']);
    expect(texts((await expand('crew@corp.example')).text, 'EmailAddress')).toHaveLength(3);
  });

  test.each(['hidden', 'empty', 'nobody', 'anna'])('succeeds without members for %s', async (name) => {
    const reply = await expand(`${name}@corp.example`);
    expect(codes(reply)).toEqual(['NoError']);
    expect(texts(reply.text, 'EmailAddress')).toEqual([]);
  });

  test('cannot expand a dynamic list', async () => {
    expect(codes(await expand('dynamic@corp.example'))).toEqual(['ErrorNameResolutionNoResults']);
  });
});

describe('ResolveNames', () => {
  test('finds the one behind an alias or a legacy name, and tells its addresses on request', async () => {
    const { text } = await resolve('smtp:A.Adams@corp.example', true);
    expect(texts(text, 'EmailAddress')).toEqual(['anna@corp.example']);
    expect(texts(text, 'Entry')).toEqual(['SMTP:anna@corp.example', 'smtp:a.adams@corp.example']);
    const { json } = await control<{ legacyDn: string }[]>(simulator, 'GET', '/lists');
    const legacy = await resolve(json[1]!.legacyDn.toUpperCase());
    expect(texts(legacy.text, 'EmailAddress')).toEqual(['team@corp.example']);
    expect(texts(legacy.text, 'MailboxType')).toEqual(['PublicDL']);
    expect(inner(legacy.text, 'Contact')).toEqual([]);
  });

  test('does not find an alias without its prefix', async () => {
    expect(codes(await resolve('a.adams@corp.example'))).toEqual(['ErrorNameResolutionNoResults']);
  });

  test('warns of several, of whom it tells a hundred', async () => {
    expect(codes(await resolve('Adams'))).toEqual(['NoError']);
    const mailboxes = Array.from({ length: 101 }, (_, n) => ({
      address: `clerk${n}@many.example`,
      displayName: 'Clerk',
    }));
    await control(simulator, 'POST', '/seed', { mailboxes });
    const many = await resolve('clerk');
    expect(codes(many)).toEqual(['ErrorNameResolutionMultipleResults']);
    expect(attributes(many.text, 'ResolveNamesResponseMessage', 'ResponseClass')).toEqual(['Warning']);
    expect(texts(many.text, 'EmailAddress')).toHaveLength(100);
    expect(attributes(many.text, 'ResolutionSet', 'IncludesLastItemInRange')).toEqual(['false']);
    for (const { address } of mailboxes) await control(simulator, 'DELETE', `/mailboxes/${address}`);
  });

  test('finds nobody in contacts, which mailboxes here do not keep', async () => {
    expect(codes(await resolve('smtp:anna@corp.example', false, 'Contacts'))).toEqual(['ErrorNameResolutionNoResults']);
  });
});

test('room lists and their rooms are told, and nothing of other lists', async () => {
  const lists = await soap(simulator, '<m:GetRoomLists/>');
  expect(texts(lists.text, 'EmailAddress')).toEqual(['rooms@corp.example']);
  const rooms = (list: string) =>
    soap(simulator, `<m:GetRooms><m:RoomList><t:EmailAddress>${list}</t:EmailAddress></m:RoomList></m:GetRooms>`);
  expect(texts((await rooms('rooms@corp.example')).text, 'EmailAddress')).toEqual(['blue@corp.example']);
  expect(codes(await rooms('team@corp.example'))).toEqual(['ErrorNameResolutionNoResults']);
});

test('an invitation to a list reaches its members’ mailboxes once, hidden and nested ones too', async () => {
  const people = attendees('RequiredAttendees', 'all@corp.example', 'hidden@corp.example');
  const item = calendarItem('Town hall', '2026-09-01T08:00:00Z', '2026-09-01T09:00:00Z', { after: people });
  const created = await soap(simulator, createItems(item, 'SendToAllAndSaveCopy'));
  expect(codes(created)).toEqual(['NoError']);
  const window = calendarView('2026-09-01T00:00:00Z', '2026-09-02T00:00:00Z');
  for (const name of ['boris', 'chloe', 'dora', 'anna']) {
    const { text } = await soap(simulator, window, { as: `${name}@corp.example` });
    expect(texts(text, 'Subject'), name).toEqual(['Town hall']);
  }
});

test('received copies name people of this server by legacy names on command', async () => {
  const people = attendees('RequiredAttendees', 'boris@corp.example', 'team@corp.example', 'eva@partner.example');
  const item = calendarItem('Review', '2026-10-01T08:00:00Z', '2026-10-01T09:00:00Z', { after: people });
  await soap(simulator, createItems(item, 'SendToAllAndSaveCopy'));
  await control(simulator, 'PATCH', '/settings', { receivedAddresses: 'EX' });
  const window = calendarView('2026-10-01T00:00:00Z', '2026-10-02T00:00:00Z');
  const read = async (as: string) => {
    const [id] = attributes((await soap(simulator, window, { as })).text, 'ItemId', 'Id');
    return (await soap(simulator, getItems(itemId(id!), itemShape('AllProperties')), { as })).text;
  };
  const copy = await read('boris@corp.example');
  expect(texts(copy, 'RoutingType')).toEqual(['EX', 'EX', 'EX', 'SMTP']);
  expect(texts(copy, 'MailboxType')).toEqual(['Mailbox', 'Mailbox', 'PublicDL', 'OneOff']);
  expect(texts(copy, 'EmailAddress')[1]).toMatch(/^\/o=.*\/cn=boris$/u);
  expect(texts(await read('anna@corp.example'), 'RoutingType')).toEqual(['SMTP', 'SMTP', 'SMTP', 'SMTP']);
});
