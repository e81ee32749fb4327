import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JournalEntry } from '../journal.ts';
import type { ExchangeSimulator } from '../start-exchange-simulator.ts';
import { control, startCompany } from '../testing/fixture.ts';
import { getFolder } from '../testing/requests.ts';
import { codes, soap, texts } from '../testing/soap-client.ts';

const ANNA = 'anna@corp.example';

let simulator: ExchangeSimulator;
/** The same organization, asked at its other address. */
let north: Pick<ExchangeSimulator, 'ewsUrl'>;

beforeEach(async () => {
  simulator = await startCompany();
  const { json } = await control<{ port: number }>(simulator, 'POST', '/sites', { name: 'north' });
  north = { ewsUrl: simulator.ewsUrl.replace(/:\d+/, `:${json.port}`) };
  const backEnds = [{ name: 'EX01' }, { name: 'EX09', group: 'DAG9', site: 'north' }];
  await control(simulator, 'PATCH', '/settings', { backEnds });
});
afterEach(() => simulator.close());

const open = async (site: Pick<ExchangeSimulator, 'ewsUrl'>, as = ANNA) => codes(await soap(site, getFolder(), { as }));

async function told(site: Pick<ExchangeSimulator, 'ewsUrl'>): Promise<string[]> {
  const body = `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="http://schemas.microsoft.com/exchange/2010/Autodiscover"><s:Body><a:GetUserSettingsRequestMessage><a:Request><a:Users><a:User><a:Mailbox>${ANNA}</a:Mailbox></a:User></a:Users><a:RequestedSettings><a:Setting>ExternalEwsUrl</a:Setting><a:Setting>GroupingInformation</a:Setting></a:RequestedSettings></a:Request></a:GetUserSettingsRequestMessage></s:Body></s:Envelope>`;
  const headers = { 'content-type': 'text/xml', authorization: `Basic ${btoa('svc:secret')}` };
  const reply = await fetch(new URL('/autodiscover/autodiscover.svc', site.ewsUrl), { method: 'POST', headers, body });
  return texts(await reply.text(), 'Value');
}

test('a mailbox that moves to another site is refused at the old address and served at the new one', async () => {
  expect(await open(simulator)).toEqual(['NoError']);
  expect(await open(north)).toEqual(['ErrorCrossSiteRequest']);
  expect(await told(north)).toEqual([simulator.ewsUrl, 'DAG1']);
  await control(simulator, 'POST', `/mailboxes/${ANNA}/move`, { backEnd: 'EX09' });
  expect(await open(simulator)).toEqual(['ErrorCrossSiteRequest']);
  expect(await open(north)).toEqual(['NoError']);
  expect(await told(simulator)).toEqual([north.ewsUrl, 'DAG9']);
  expect(await open(simulator, 'boris@corp.example')).toEqual(['NoError']);
  const { json } = await control<JournalEntry[]>(simulator, 'GET', '/journal');
  expect(json.filter(({ site }) => site === 'north').map(({ operation, users }) => [operation, users])).toEqual([
    ['GetFolder', undefined],
    ['GetUserSettings', 1],
    ['GetFolder', undefined],
  ]);
});

test.each([
  ['ErrorProxyRequestNotAllowed', 'ErrorProxyRequestNotAllowed'],
  [null, 'NoError'],
])('with crossSite %j the wrong site answers %s', async (crossSite, code) => {
  await control(simulator, 'PATCH', '/settings', { crossSite });
  expect(await open(north)).toEqual([code]);
});

test('a server of a site that is not open is refused', async () => {
  const backEnds = [{ name: 'EX01', site: 'south' }];
  const { status, json } = await control<{ error: string }>(simulator, 'PATCH', '/settings', { backEnds });
  expect([status, json.error]).toEqual([400, expect.stringContaining('south is not open')]);
});
