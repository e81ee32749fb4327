import { afterEach, beforeEach, expect, test } from 'vitest';
import type { JournalEntry } from '../journal.ts';
import type { ExchangeSimulator } from '../start-exchange-simulator.ts';
import { discover } from '../testing/discover.ts';
import { eventually } from '../testing/eventually.ts';
import { control, startCompany } from '../testing/fixture.ts';
import { calendarItem, createItems, getFolder } from '../testing/requests.ts';
import { codes, type Endpoint, soap, texts } from '../testing/soap-client.ts';
import { streamBody, subscribeTo, TestStream } from '../testing/stream-client.ts';
import type { SiteAddress } from './sites.ts';

const ANNA = 'anna@corp.example';
const BORIS = 'boris@corp.example';

let simulator: ExchangeSimulator;
/** The same organization, asked at its other address. */
let north: SiteAddress;

beforeEach(async () => {
  simulator = await startCompany();
  north = (await control<SiteAddress>(simulator, 'POST', '/sites', { name: 'north' })).json;
  const backEnds = [{ name: 'EX01' }, { name: 'EX09', group: 'DAG9', site: 'north' }];
  await control(simulator, 'PATCH', '/settings', { backEnds });
});
afterEach(() => simulator.close());

const open = async (site: Endpoint, as = ANNA) => codes(await soap(site, getFolder(), { as }));

async function told(site: Endpoint): Promise<string[]> {
  return texts((await discover(site, [ANNA], ['ExternalEwsUrl', 'GroupingInformation'])).text, 'Value');
}

const affine = (anchor: string, cookie?: string) => ({
  'x-anchormailbox': anchor,
  'x-preferserveraffinity': 'true',
  ...(cookie === undefined ? {} : { cookie }),
});

test('a mailbox that moves to another site is refused at the old address and served at the new one', async () => {
  expect(await open(simulator)).toEqual(['NoError']);
  expect(await open(north)).toEqual(['ErrorCrossSiteRequest']);
  expect(await told(north)).toEqual([simulator.ewsUrl, 'DAG1']);
  await control(simulator, 'POST', `/mailboxes/${ANNA}/move`, { backEnd: 'EX09' });
  expect(await open(simulator)).toEqual(['ErrorCrossSiteRequest']);
  expect(await open(north)).toEqual(['NoError']);
  expect(await told(simulator)).toEqual([north.ewsUrl, 'DAG9']);
  expect(await open(simulator, BORIS)).toEqual(['NoError']);
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

test('while it moves, its old site says so and the new one does not have it yet; then it is the other way round', async () => {
  await control(simulator, 'POST', `/mailboxes/${ANNA}/move`, { backEnd: 'EX09', forMs: 3_600_000 });
  expect([await open(simulator), await open(north)]).toEqual([
    ['ErrorMailboxMoveInProgress'],
    ['ErrorCrossSiteRequest'],
  ]);
  expect(await told(simulator)).toEqual([simulator.ewsUrl, 'DAG1']);
  await control(simulator, 'DELETE', '/outages');
  expect([await open(simulator), await open(north)]).toEqual([['ErrorCrossSiteRequest'], ['NoError']]);
});

test('a delegate is refused the mailbox of another site in the answer about it, and keeps his own', async () => {
  const mailboxes = [{ address: 'dora@corp.example', password: 'demo', delegates: [BORIS], backEnd: 'EX09' }];
  await control(simulator, 'POST', '/seed', { mailboxes });
  const both =
    '<t:DistinguishedFolderId Id="calendar"/>' +
    '<t:DistinguishedFolderId Id="calendar"><t:Mailbox><t:EmailAddress>dora@corp.example</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>';
  const ask = async (as: string) => codes(await soap(simulator, getFolder(both), { as }));
  expect(await ask(BORIS)).toEqual(['NoError', 'ErrorCrossSiteRequest']);
  // Whoever may not see the mailbox is not told where it is.
  expect(await ask(ANNA)).toEqual(['NoError', 'ErrorAccessDenied']);
  await control(simulator, 'PATCH', '/settings', { crossSite: null });
  expect(await ask(BORIS)).toEqual(['NoError', 'NoError']);
});

test('a move ends the stream at the old site; at the new one the mailbox has subscription, cookie and stream', async () => {
  const before = await subscribeTo(simulator, ANNA, { headers: affine(ANNA) });
  const old = await TestStream.open(simulator, [before.id], { headers: affine(ANNA) });
  await control(simulator, 'POST', `/mailboxes/${ANNA}/move`, { backEnd: 'EX09' });
  await eventually(() => old.text).toContain('ErrorReadEventsFailed');
  const { id, reply } = await subscribeTo(north, ANNA, { headers: affine(ANNA) });
  const cookie = reply.headers.getSetCookie()[0]!.split(';')[0]!;
  expect(cookie).toMatch(/^X-BackEndOverrideCookie=EX09~/);
  const stream = await TestStream.open(north, [id], { headers: affine(ANNA, cookie) });
  await soap(north, createItems(calendarItem('x', '2026-09-07T08:00:00Z', '2026-09-07T09:00:00Z')), { as: ANNA });
  await eventually(() => stream.events).toContain('CreatedEvent');
  stream.abort();
  old.abort();
});

test.each([
  ['the cookie of another site', (cookie: string) => affine(BORIS, cookie)],
  ['an anchor in another site', () => affine(ANNA)],
])('%s leads to a server that this site cannot reach, whoever is acted for', async (_what, headers) => {
  await control(simulator, 'POST', `/mailboxes/${ANNA}/move`, { backEnd: 'EX09' });
  const { id, reply } = await subscribeTo(north, ANNA, { headers: affine(ANNA) });
  const stray = { as: null, headers: headers(reply.headers.getSetCookie()[0]!.split(';')[0]!) };
  expect(codes(await soap(simulator, streamBody([id]), stray))).toEqual(['ErrorCrossSiteRequest']);
});

test('a restart cuts the streams of all sites and refuses connections to each', async () => {
  await control(simulator, 'POST', `/mailboxes/${ANNA}/move`, { backEnd: 'EX09' });
  const streams = await Promise.all(
    (
      [
        [simulator, BORIS],
        [north, ANNA],
      ] as const
    ).map(async ([site, address]) => {
      const { id } = await subscribeTo(site, address, { headers: affine(address) });
      return TestStream.open(site, [id], { headers: affine(address) });
    }),
  );
  expect(streams.map(({ ending }) => ending)).toEqual(['open', 'open']);
  await control(simulator, 'POST', '/restart', { downMs: 3_600_000 });
  await eventually(() => streams.map(({ ending }) => ending)).toEqual(['cut', 'cut']);
  await expect(open(simulator, BORIS)).rejects.toThrow();
  await expect(open(north)).rejects.toThrow();
});

test('after a restart each site is back at its own address', async () => {
  await control(simulator, 'POST', '/restart');
  const back = (site: Endpoint, as: string) => eventually(() => open(site, as).catch(() => 'refused'));
  await back(simulator, BORIS).toEqual(['NoError']);
  await back(north, BORIS).toEqual(['ErrorCrossSiteRequest']);
});

test('a site is opened once, however often it is asked for', async () => {
  expect((await control(simulator, 'POST', '/sites', { name: 'north' })).json).toEqual(north);
  expect((await control(simulator, 'POST', '/sites', { name: 'north pole' })).status).toBe(400);
});
