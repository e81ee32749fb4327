import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JournalEntry } from '../journal.ts';
import type { ExchangeSimulator } from '../start-exchange-simulator.ts';
import { control, startCompany } from '../testing/fixture.ts';
import { inner, texts } from '../testing/soap-client.ts';

let simulator: ExchangeSimulator;

beforeEach(async () => {
  simulator = await startCompany();
});
afterEach(() => simulator.close());

async function discover(users: readonly string[], settings: readonly string[], login = 'svc:secret') {
  const list = users.map((user) => `<a:User><a:Mailbox>${user}</a:Mailbox></a:User>`).join('');
  const names = settings.map((name) => `<a:Setting>${name}</a:Setting>`).join('');
  return send(
    `<a:GetUserSettingsRequestMessage><a:Request><a:Users>${list}</a:Users><a:RequestedSettings>${names}</a:RequestedSettings></a:Request></a:GetUserSettingsRequestMessage>`,
    login,
  );
}

async function send(body: string, login = 'svc:secret'): Promise<{ status: number; text: string }> {
  const response = await fetch(new URL('/autodiscover/autodiscover.svc', simulator.ewsUrl), {
    method: 'POST',
    headers: { 'content-type': 'text/xml', authorization: `Basic ${btoa(login)}` },
    body: `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="http://schemas.microsoft.com/exchange/2010/Autodiscover"><s:Header><a:RequestedServerVersion>Exchange2013_SP1</a:RequestedServerVersion></s:Header><s:Body>${body}</s:Body></s:Envelope>`,
  });
  return { status: response.status, text: await response.text() };
}

/** The settings of one UserResponse by name. */
function values(response: string): Record<string, string> {
  const names = texts(inner(response, 'UserSettings')[0] ?? '', 'Name');
  return Object.fromEntries(names.map((name, index) => [name, texts(response, 'Value')[index]!]));
}

test('many users are told in one call where their mailbox is and with whom it shares a group', async () => {
  await control(simulator, 'PATCH', '/settings', {
    backEnds: [{ name: 'EX01' }, { name: 'EX03', group: 'DAG2' }],
  });
  await control(simulator, 'POST', '/seed', { mailboxes: [{ address: 'boris@corp.example', backEnd: 'EX03' }] });
  const wanted = ['ExternalEwsUrl', 'InternalEwsUrl', 'GroupingInformation', 'EwsSupportedSchemas', 'ExternalPop3'];
  const { status, text } = await discover(
    ['a.adams@corp.example', 'boris@corp.example', 'nobody@corp.example'],
    wanted,
  );
  expect(status).toBe(200);
  const [anna, boris, nobody] = inner(text, 'UserResponse');
  expect(values(anna!)).toEqual({
    ExternalEwsUrl: simulator.ewsUrl,
    InternalEwsUrl: simulator.ewsUrl,
    GroupingInformation: 'DAG1',
    EwsSupportedSchemas: expect.stringContaining('Exchange2013_SP1'),
  });
  expect(values(boris!).GroupingInformation).toBe('DAG2');
  expect(texts(anna!, 'SettingName')).toEqual(['ExternalPop3']);
  expect(texts(anna!, 'ErrorCode')).toEqual(['NoError', 'SettingIsNotAvailable']);
  expect(texts(nobody!, 'ErrorCode')).toEqual(['InvalidUser']);
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
  expect((await discover(['anna@corp.example'], ['UserDN'], 'svc:wrong')).status).toBe(401);
  await control(simulator, 'POST', '/faults', { operation: 'GetUserSettings', action: { form: 'http', status: 404 } });
  expect((await discover(['anna@corp.example'], ['UserDN'])).status).toBe(404);
  await control(simulator, 'POST', '/outages');
  expect((await discover(['anna@corp.example'], ['UserDN'])).status).toBe(503);
  await control(simulator, 'DELETE', '/outages');
  expect((await discover(['anna@corp.example'], ['UserDN'])).status).toBe(200);
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
    expect((await send(body)).status).toBe(500);
  },
);
