import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JournalEntry } from '../journal.ts';
import type { SiteAddress } from '../routing/sites.ts';
import type { ExchangeSimulator } from '../start-exchange-simulator.ts';
import { discover, postAutodiscover, settingsOf } from '../testing/discover.ts';
import { control, startCompany } from '../testing/fixture.ts';
import { inner, texts } from '../testing/soap-client.ts';

let simulator: ExchangeSimulator;

beforeEach(async () => {
  simulator = await startCompany();
});
afterEach(() => simulator.close());

test('many users are told in one call, counted in the journal, where their mailbox is and with whom it shares a group', async () => {
  await control(simulator, 'PATCH', '/settings', {
    backEnds: [{ name: 'EX01' }, { name: 'EX03', group: 'DAG2' }],
  });
  await control(simulator, 'POST', '/seed', { mailboxes: [{ address: 'boris@corp.example', backEnd: 'EX03' }] });
  const wanted = ['ExternalEwsUrl', 'InternalEwsUrl', 'GroupingInformation', 'EwsSupportedSchemas', 'ExternalPop3'];
  const { status, text } = await discover(
    simulator,
    ['a.adams@corp.example', 'boris@corp.example', 'nobody@corp.example'],
    wanted,
  );
  expect(status).toBe(200);
  const [anna, boris, nobody] = inner(text, 'UserResponse');
  expect(settingsOf(anna!)).toEqual({
    ExternalEwsUrl: simulator.ewsUrl,
    InternalEwsUrl: simulator.ewsUrl,
    GroupingInformation: 'DAG1',
    EwsSupportedSchemas: expect.stringContaining('Exchange2013_SP1'),
  });
  expect(settingsOf(boris!).GroupingInformation).toBe('DAG2');
  expect(texts(anna!, 'SettingName')).toEqual(['ExternalPop3']);
  expect(texts(anna!, 'ErrorCode')).toEqual(['NoError', 'SettingIsNotAvailable']);
  expect(texts(nobody!, 'ErrorCode')).toEqual(['InvalidUser']);
  const { json } = await control<JournalEntry[]>(simulator, 'GET', '/journal');
  expect(json.map(({ operation, users }) => [operation, users])).toEqual([['GetUserSettings', 3]]);
});

test('redirections and another EWS URL are told as set', async () => {
  const { status } = await control(simulator, 'PATCH', '/settings', {
    autodiscover: {
      ewsUrl: 'https://mail.corp.example/EWS/Exchange.asmx',
      redirects: {
        'Anna@corp.example': 'anna@new.example',
        'boris@corp.example': 'https://other.example/autodiscover/autodiscover.svc',
      },
    },
  });
  expect(status).toBe(200);
  const { text } = await discover(
    simulator,
    ['anna@corp.example', 'boris@corp.example', 'chloe@corp.example'],
    ['ExternalEwsUrl'],
  );
  expect(texts(text, 'ErrorCode')).toEqual(['NoError', 'RedirectAddress', 'RedirectUrl', 'NoError']);
  expect(texts(text, 'RedirectTarget')).toEqual([
    'anna@new.example',
    'https://other.example/autodiscover/autodiscover.svc',
    '',
  ]);
  expect(texts(text, 'Value')).toEqual(['https://mail.corp.example/EWS/Exchange.asmx']);
});

test('logins, faults and outages hold here too, and the journal tells', async () => {
  expect(
    (await discover(simulator, ['anna@corp.example'], ['UserDN'], { authorization: `Basic ${btoa('svc:wrong')}` }))
      .status,
  ).toBe(401);
  await control(simulator, 'POST', '/faults', { operation: 'GetUserSettings', action: { form: 'http', status: 404 } });
  expect((await discover(simulator, ['anna@corp.example'], ['UserDN'])).status).toBe(404);
  await control(simulator, 'POST', '/outages');
  expect((await discover(simulator, ['anna@corp.example'], ['UserDN'])).status).toBe(503);
  await control(simulator, 'DELETE', '/outages');
  expect((await discover(simulator, ['anna@corp.example'], ['UserDN'])).status).toBe(200);
  const { json } = await control<JournalEntry[]>(simulator, 'GET', '/journal');
  expect(json.map(({ operation, status, account, login }) => [operation, status, account, login])).toEqual([
    ['GetUserSettings', 401, 'svc', 'refused'],
    ['GetUserSettings', 404, 'svc', 'accepted'],
    ['GetUserSettings', 503, 'svc', 'accepted'],
    ['GetUserSettings', 200, 'svc', 'accepted'],
  ]);
});

test.each(['', '<a:GetDomainSettingsRequestMessage/>', '<a:GetUserSettingsRequestMessage/>', '<a:Broken'])(
  'a request %j is refused as a fault',
  async (body) => {
    expect((await postAutodiscover(simulator, body)).status).toBe(500);
  },
);

test('a bearer token of any site lets its client ask any other', async () => {
  await control(simulator, 'PATCH', '/settings', { authOffers: ['Bearer client_id="x"'] });
  const { json: north } = await control<SiteAddress>(simulator, 'POST', '/sites', { name: 'north' });
  const form = { grant_type: 'client_credentials', client_id: 'svc', client_secret: 'secret', scope: 'x' };
  const reply = await fetch(north.tokenUrl, { method: 'POST', body: new URLSearchParams(form) });
  const { access_token: token } = (await reply.json()) as { access_token: string };
  const bearer = { authorization: `Bearer ${token}` };
  for (const site of [simulator, north]) {
    expect((await discover(site, ['anna@corp.example'], ['UserDN'], bearer)).status).toBe(200);
    expect((await discover(site, ['anna@corp.example'], ['UserDN'])).status).toBe(401);
  }
  const { json } = await control<JournalEntry[]>(simulator, 'GET', '/journal');
  expect(json.map(({ site, operation, authForm, status }) => [site, operation, authForm, status])).toEqual([
    ['north', 'OAuthToken', 'client-secret', 200],
    [undefined, 'GetUserSettings', 'bearer', 200],
    [undefined, 'GetUserSettings', 'basic', 401],
    ['north', 'GetUserSettings', 'bearer', 200],
    ['north', 'GetUserSettings', 'basic', 401],
  ]);
});

test('the first leg of an NTLM login is challenged, and neither outage nor fault is spent on it', async () => {
  await control(simulator, 'PATCH', '/settings', { authOffers: ['NTLM', 'Basic realm="x"'] });
  await control(simulator, 'POST', '/faults', { operation: 'GetUserSettings', action: { form: 'http', status: 404 } });
  await control(simulator, 'POST', '/outages');
  const negotiate = Buffer.concat([Buffer.from('NTLMSSP\0'), Buffer.from([1, 0, 0, 0]), Buffer.alloc(24)]);
  const ntlm = { authorization: `NTLM ${negotiate.toString('base64')}` };
  const challenge = await discover(simulator, ['anna@corp.example'], ['UserDN'], ntlm);
  expect([challenge.status, challenge.headers.get('www-authenticate')]).toEqual([
    401,
    expect.stringMatching(/^NTLM TlRMTVNTUA/),
  ]);
  expect((await discover(simulator, ['anna@corp.example'], ['UserDN'])).status).toBe(503);
  await control(simulator, 'DELETE', '/outages');
  expect((await discover(simulator, ['anna@corp.example'], ['UserDN'])).status).toBe(404);
});
