import { AutodiscoverClient, autodiscoverUrl, type EwsClientOptions } from 'ews-client';
import { type ExchangeSimulator, type JournalEntry, startExchangeSimulator } from 'exchange-simulator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

const ANNA = 'anna@corp.example';
const BORIS = "boris.o'neil&sons@corp.example";

let exchange: ExchangeSimulator;
const clients: AutodiscoverClient[] = [];

async function control(method: string, path: string, body?: unknown): Promise<unknown> {
  const reply = await fetch(exchange.controlUrl + path, {
    method,
    body: body === undefined ? null : JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
  return reply.json();
}

beforeAll(async () => {
  exchange = await startExchangeSimulator();
});
afterAll(() => exchange.close());
beforeEach(async () => {
  await control('POST', '/reset');
  await control('PATCH', '/settings', { backEnds: [{ name: 'EX01' }, { name: 'EX03', group: 'DAG2' }] });
  await control('POST', '/seed', {
    mailboxes: [
      { address: ANNA, backEnd: 'EX01' },
      { address: BORIS, backEnd: 'EX03' },
    ],
    accounts: [{ login: 'svc', password: 'secret' }],
  });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

function client(options: Partial<EwsClientOptions> = {}): AutodiscoverClient {
  const url = autodiscoverUrl(exchange.ewsUrl);
  const made = new AutodiscoverClient({ url, auth: 'basic', login: 'svc', password: 'secret', ...options });
  clients.push(made);
  return made;
}

it('is told by a server that shares no code with it where mailboxes are, and who is nobody', async () => {
  const ewsUrl = exchange.ewsUrl;
  const place = { found: true, ewsUrl, externalEwsUrl: ewsUrl, internalEwsUrl: ewsUrl };
  expect(await client().userSettings([BORIS, 'nobody@corp.example', ANNA])).toEqual([
    { ...place, grouping: 'DAG2' },
    { found: false, reason: 'failed', code: 'InvalidUser', errorClass: 'mailbox' },
    { ...place, grouping: 'DAG1' },
  ]);
});

it('is told redirections, and asks no more than it was told to', async () => {
  const url = 'https://other.example/autodiscover/autodiscover.svc';
  const redirects = { [ANNA]: 'anna@new.example', [BORIS]: url };
  await control('PATCH', '/settings', { autodiscover: { redirects } });
  expect(await client().userSettings([ANNA, BORIS])).toEqual([
    { found: false, reason: 'redirectAddress', address: 'anna@new.example' },
    { found: false, reason: 'redirectUrl', url },
  ]);
  expect(await control('GET', '/journal')).toHaveLength(1);
});

it('keeps to the number of users that a server takes in one call', async () => {
  const addresses = Array.from({ length: 181 }, (_, n) => (n === 180 ? ANNA : `nobody${n}@corp.example`));
  const places = await client().userSettings(addresses);
  expect(places).toHaveLength(181);
  expect(places.findIndex(({ found }) => found)).toBe(180);
  const journal = (await control('GET', '/journal')) as JournalEntry[];
  expect(journal.map(({ status, responseCodes }) => [status, responseCodes.length])).toEqual([
    [200, 90],
    [200, 90],
    [200, 1],
  ]);
});

describe('a mailbox that moved to another site', () => {
  let north: { readonly ewsUrl: string };

  beforeEach(async () => {
    north = (await control('POST', '/sites', { name: 'north' })) as { ewsUrl: string };
    await control('PATCH', '/settings', { backEnds: [{ name: 'EX01' }, { name: 'EX09', site: 'north' }] });
    await control('POST', `/mailboxes/${ANNA}/move`, { backEnd: 'EX09' });
  });

  it.each(['auto', 'ntlm'] as const)('is found at both sites with %s, each signed in to by itself', async (auth) => {
    await control('PATCH', '/settings', { authOffers: ['Negotiate', 'NTLM'] });
    for (const { ewsUrl } of [exchange, north]) {
      const asked = client({ auth, url: autodiscoverUrl(ewsUrl) });
      for (let call = 0; call < 2; call += 1)
        expect(await asked.userSettings([ANNA])).toMatchObject([{ found: true, ewsUrl: north.ewsUrl }]);
    }
    const journal = (await control('GET', '/journal')) as JournalEntry[];
    const signedIn = journal.filter(({ login }) => login === 'accepted' || login === 'kept');
    expect(signedIn.map(({ site, authForm, login, users }) => [site, authForm, login, users])).toEqual([
      [undefined, 'ntlm', 'accepted', 1],
      [undefined, 'ntlm', 'kept', 1],
      ['north', 'ntlm', 'accepted', 1],
      ['north', 'ntlm', 'kept', 1],
    ]);
  });

  it('is found with a bearer token', async () => {
    await control('PATCH', '/settings', { authOffers: ['Bearer client_id="x"'] });
    const oauth = { tokenUrl: exchange.tokenUrl, scope: 'https://mail.corp.example/.default' };
    const places = await client({ auth: 'oauth', oauth }).userSettings([ANNA]);
    expect(places).toMatchObject([{ found: true, ewsUrl: north.ewsUrl }]);
    const journal = (await control('GET', '/journal')) as JournalEntry[];
    expect(journal.at(-1)).toMatchObject({ operation: 'GetUserSettings', authForm: 'bearer', login: 'accepted' });
  });
});

it('is refused, and finds a server out of order, in the words that EWS has for it', async () => {
  const refused = client({ password: 'wrong' }).userSettings([ANNA]);
  await expect(refused).rejects.toMatchObject({ code: 'ews-auth-refused', errorClass: 'auth', scope: 'account' });
  await control('POST', '/outages');
  const held = client().userSettings([ANNA]);
  await expect(held).rejects.toMatchObject({ code: 'ews-http', errorClass: 'throttle', scope: 'host', mailbox: null });
  await control('DELETE', '/outages');
  const soapFault = { form: 'soapFault', code: 'ErrorServerBusy' };
  await control('POST', '/faults', { operation: 'GetUserSettings', action: soapFault });
  const busy = client().userSettings([ANNA]);
  await expect(busy).rejects.toMatchObject({ responseCode: 'ErrorServerBusy', errorClass: 'throttle', scope: 'host' });
});
