import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FoundPlace, UserPlace } from './index.ts';
import {
  askedAddresses,
  type CannedUser,
  envelopeOf,
  placesFor,
  readRequest,
  userSettingsReply,
} from './testing/autodiscover-replies.ts';
import { CannedExchange } from './testing/canned-exchange.ts';
import { NtlmSockets } from './testing/ntlm-exchange.ts';

const anna = 'anna@corp.example';
const boris = 'boris@corp.example';
const external = 'https://mail.corp.example/EWS/Exchange.asmx';
const internal = 'https://ex01.corp.example/EWS/Exchange.asmx';
const found: FoundPlace = {
  found: true,
  ewsUrl: external,
  externalEwsUrl: external,
  internalEwsUrl: internal,
  grouping: 'DAG1',
};
const allSettings = { ExternalEwsUrl: external, InternalEwsUrl: internal, GroupingInformation: 'DAG1' };

/** The place that is read from one user's answer. */
async function placeOf(user: CannedUser): Promise<UserPlace | undefined> {
  await using exchange = await CannedExchange.start({ body: userSettingsReply([user]) });
  const [place] = await exchange.autodiscoverClient().userSettings([anna]);
  expect(exchange.requests).toHaveLength(1);
  return place;
}

describe('a request', () => {
  test('names users, settings, version, and by WS-Addressing what it wants of whom', async () => {
    await using exchange = await CannedExchange.start({ body: userSettingsReply([{}, {}]) });
    await exchange.autodiscoverClient().userSettings([anna, boris]);
    const [request] = exchange.requests;
    expect(request?.url).toBe('/autodiscover/autodiscover.svc');
    expect(request?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from('CORP\\svc:p4ss-w0rd').toString('base64')}`,
      'content-type': 'text/xml; charset=utf-8',
      'client-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const sent = request?.body ?? '';
    const envelope = readRequest(sent);
    expect(envelope.descend('s:Header', 'a:RequestedServerVersion')?.text).toBe('Exchange2013_SP1');
    const url = exchange.url().replace('/EWS/Exchange.asmx', '/autodiscover/autodiscover.svc');
    expect(sent).toContain(
      '<wsa:Action xmlns:wsa="http://www.w3.org/2005/08/addressing">' +
        'http://schemas.microsoft.com/exchange/2010/Autodiscover/Autodiscover/GetUserSettings</wsa:Action>',
    );
    expect(sent).toContain(`<wsa:To xmlns:wsa="http://www.w3.org/2005/08/addressing">${url}</wsa:To>`);
    const asked = envelope.descend('s:Body', 'a:GetUserSettingsRequestMessage', 'a:Request');
    expect(asked?.children.map(({ name }) => name)).toEqual(['a:Users', 'a:RequestedSettings']);
    expect(askedAddresses(sent)).toEqual([anna, boris]);
    expect(asked?.child('a:RequestedSettings')?.children.map(({ name, text }) => [name, text])).toEqual([
      ['a:Setting', 'ExternalEwsUrl'],
      ['a:Setting', 'InternalEwsUrl'],
      ['a:Setting', 'GroupingInformation'],
    ]);
  });

  test('asks about 90 users at most: more are asked about one call after the other', async () => {
    await using exchange = await CannedExchange.start(({ body }) =>
      placesFor(body, (address) => ({ settings: { GroupingInformation: address } })),
    );
    const addresses = Array.from({ length: 200 }, (_, n) => `user${n}@corp.example`);
    const places = await exchange.autodiscoverClient().userSettings(addresses);
    expect(places.map((place) => place.found && place.grouping)).toEqual(addresses);
    expect(exchange.requests.map(({ body }) => askedAddresses(body).length)).toEqual([90, 90, 20]);
  });

  test('is not made for nobody', async () => {
    await using exchange = await CannedExchange.start({});
    expect(await exchange.autodiscoverClient().userSettings([])).toEqual([]);
    expect(exchange.requests).toEqual([]);
  });

  test('any address arrives as it was written, and its answer comes back to its place', async () => {
    await using exchange = await CannedExchange.start(({ body }) =>
      placesFor(body, (address) => ({ settings: { GroupingInformation: address } })),
    );
    const client = exchange.autodiscoverClient();
    const part = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
      .filter((text) => !/[\s@<>"\p{C}]/u.test(text));
    const address = fc.tuple(part, part).map(([name, domain]) => `${name}@${domain}`);
    const addresses = fc.array(fc.oneof(address, fc.constantFrom("o'&]]@x", '&amp;@x', anna)), { maxLength: 100 });
    await fc.assert(
      fc.asyncProperty(addresses, async (list) => {
        const places = await client.userSettings(list);
        expect(places.map((place) => place.found && place.grouping)).toEqual(list);
      }),
      { numRuns: 40 },
    );
  });

  test('signs a socket in with NTLM once, for all calls', async () => {
    const sockets = new NtlmSockets();
    await using exchange = await CannedExchange.start((seen) => {
      const users = askedUsers(seen.body);
      return sockets.answer(seen, userSettingsReply(users.map(() => ({ settings: allSettings }))));
    });
    const client = exchange.autodiscoverClient({ auth: 'ntlm', connections: 1 });
    const places = await client.userSettings(Array.from({ length: 91 }, () => anna));
    expect(places).toEqual(Array.from({ length: 91 }, () => found));
    expect([sockets.logins, sockets.refusals]).toEqual([1, 0]);
  });
});

/** The first NTLM message comes without a request. */
function askedUsers(body: string): string[] {
  return body === '' ? [] : askedAddresses(body);
}

describe('an answer', () => {
  test('tells external and internal URL and the grouping, and prefers the external URL', async () => {
    expect(await placeOf({ settings: allSettings })).toEqual(found);
  });

  test('may lack what was asked for', async () => {
    const { ExternalEwsUrl: _, ...withoutExternal } = allSettings;
    expect(await placeOf({ settings: withoutExternal })).toEqual({ ...found, ewsUrl: internal, externalEwsUrl: null });
    const nothing = { found: true, ewsUrl: null, externalEwsUrl: null, internalEwsUrl: null, grouping: null };
    expect(await placeOf({})).toEqual(nothing);
    const bare = envelopeOf(
      '<x:GetUserSettingsResponseMessage xmlns:x="http://schemas.microsoft.com/exchange/2010/Autodiscover"><x:Response>' +
        '<x:UserResponses><x:UserResponse/></x:UserResponses></x:Response></x:GetUserSettingsResponseMessage>',
    );
    await using exchange = await CannedExchange.start({ body: bare });
    expect(await exchange.autodiscoverClient().userSettings([anna])).toEqual([nothing]);
  });

  test('is read whatever its prefixes, the order of its elements and what it holds besides', async () => {
    const setting = ([name, value]: [string, string]) =>
      `<x:UserSetting i:type="x:StringSetting"><x:Value> ${value}\n</x:Value><x:Name>${name}</x:Name></x:UserSetting>`;
    const settings = Object.entries({ ...allSettings, CasVersion: '15.01' })
      .reverse()
      .map(setting)
      .join('');
    const collection =
      '<x:UserSetting i:type="x:WebClientUrlCollectionSetting"><x:Name>ExternalOwaUrls</x:Name><x:WebClientUrls/></x:UserSetting>';
    const body = envelopeOf(
      '<x:GetUserSettingsResponseMessage xmlns:x="http://schemas.microsoft.com/exchange/2010/Autodiscover" ' +
        'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><x:Response><x:UserResponses><x:Odd/><x:UserResponse>' +
        `<x:UserSettings>${collection}${settings}</x:UserSettings><x:RedirectTarget i:nil="true"/><x:ErrorCode>NoError` +
        '</x:ErrorCode></x:UserResponse></x:UserResponses><x:ErrorMessage/><x:ErrorCode>NoError</x:ErrorCode>' +
        '</x:Response></x:GetUserSettingsResponseMessage>',
    );
    await using exchange = await CannedExchange.start({ body });
    expect(await exchange.autodiscoverClient().userSettings([anna])).toEqual([found]);
  });

  test('that redirects is told and not followed', async () => {
    expect(await placeOf({ code: 'RedirectAddress', redirectTarget: 'anna@new.example' })).toEqual({
      found: false,
      reason: 'redirectAddress',
      address: 'anna@new.example',
    });
    const url = 'https://other.example/autodiscover/autodiscover.svc';
    expect(await placeOf({ code: 'RedirectUrl', redirectTarget: url })).toEqual({
      found: false,
      reason: 'redirectUrl',
      url,
    });
  });

  test.each<[CannedUser, string, string]>([
    [{ code: 'RedirectAddress' }, 'RedirectAddress', 'unknown'],
    [{ code: 'RedirectAddress', redirectTarget: 'no address' }, 'RedirectAddress', 'unknown'],
    [{ code: 'RedirectUrl', redirectTarget: 'file:///etc/passwd' }, 'RedirectUrl', 'unknown'],
    [{ code: 'RedirectUrl', redirectTarget: 'https://svc:x@other.example/' }, 'RedirectUrl', 'unknown'],
    [{ code: 'InvalidUser', settings: allSettings }, 'InvalidUser', 'mailbox'],
    [{ code: 'InvalidDomain' }, 'InvalidDomain', 'mailbox'],
    [{ code: 'ServerBusy' }, 'ServerBusy', 'throttle'],
    [{ code: 'InternalServerError' }, 'InternalServerError', 'transient'],
    [{ code: 'NobodyForesawThis' }, 'NobodyForesawThis', 'unknown'],
    [{ code: 'Secret Subject' }, 'unnamed error', 'unknown'],
  ])('%j is a failure of that user only', async (user, code, errorClass) => {
    await using exchange = await CannedExchange.start({
      body: userSettingsReply([{ settings: allSettings }, user, { settings: allSettings }]),
    });
    expect(await exchange.autodiscoverClient().userSettings([anna, boris, anna])).toEqual([
      found,
      { found: false, reason: 'failed', code, errorClass },
      found,
    ]);
  });

  test.each([
    ['no address', 'mail.corp.example'],
    ['no http', 'file:///EWS/Exchange.asmx'],
    ['a script', 'javascript:alert(1)'],
    ['a login in it', 'https://svc:p4ss@mail.corp.example/EWS/Exchange.asmx'],
    ['a name in it', 'https://svc@mail.corp.example/EWS/Exchange.asmx'],
    ['2100 characters', `https://mail.corp.example/${'x'.repeat(2074)}`],
    ['a million characters', `https://mail.corp.example/${'x'.repeat(1_000_000)}`],
  ])('with a URL that has %s counts as one without it', async (_what, url) => {
    const place = await placeOf({ settings: { ...allSettings, ExternalEwsUrl: url } });
    expect(place).toEqual({ ...found, ewsUrl: internal, externalEwsUrl: null });
  });

  test('gives equal URLs one form, and no grouping of any length', async () => {
    const settings = { ExternalEwsUrl: 'HTTPS://Mail.Corp.Example:443/EWS/Exchange.asmx' };
    expect(await placeOf({ settings: { ...settings, GroupingInformation: 'x'.repeat(257) } })).toMatchObject({
      ewsUrl: external,
      grouping: null,
    });
  });
});
