import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { inspect } from 'node:util';
import { EwsClient, type EwsClientOptions } from 'ews-client';
import { type ExchangeSimulator, type JournalEntry, startExchangeSimulator } from 'exchange-simulator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { exchangeCertificate, middleCertificate } from './test-certificates.ts';

const ANNA = 'anna@corp.example';
const PASSWORD = 'Pa55-Wörd:€';

let exchange: ExchangeSimulator;
const clients: EwsClient[] = [];

async function control(method: string, path: string, body?: unknown): Promise<unknown> {
  const reply = await fetch(exchange.controlUrl + path, {
    method,
    body: body === undefined ? null : JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
  return reply.json();
}

beforeAll(async () => {
  exchange = await startExchangeSimulator({ tls: exchangeCertificate });
});
afterAll(() => exchange.close());
beforeEach(async () => {
  await control('POST', '/reset');
  await control('POST', '/seed', {
    mailboxes: [{ address: ANNA, password: 'demo' }],
    accounts: [{ login: 'svc', principalName: 'svc@corp.example', password: PASSWORD, impersonates: 'all' }],
  });
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});

function client(options: Partial<EwsClientOptions> = {}): EwsClient {
  const { cert: ca } = exchangeCertificate;
  const made = new EwsClient({ url: exchange.ewsUrl, login: 'CORP\\svc', password: PASSWORD, ca, ...options });
  clients.push(made);
  return made;
}

async function journal(): Promise<JournalEntry[]> {
  return (await control('GET', '/journal')) as JournalEntry[];
}

describe('NTLM', () => {
  beforeEach(() => control('PATCH', '/settings', { authOffers: ['Negotiate', 'NTLM'] }));

  it.each(['CORP\\svc', 'svc', 'svc@corp.example'])('lets the login %s in, with its integrity code', async (login) => {
    expect(await client({ auth: 'ntlm', login }).getCalendarFolder(ANNA)).toMatchObject({
      folderId: expect.any(String),
    });
    expect((await journal()).map(({ login: outcome }) => outcome)).toEqual(['challenged', 'accepted']);
  });

  it('binds the login to the TLS channel where Extended Protection requires it', async () => {
    await control('PATCH', '/settings', { extendedProtection: 'require' });
    await client({ auth: 'ntlm' }).getCalendarFolder(ANNA);
    expect((await journal()).at(-1)).toMatchObject({ authForm: 'ntlm', login: 'accepted', status: 200 });
  });

  it('is refused with the right password when somebody stands between, and the account is not locked', async () => {
    await control('PATCH', '/settings', { extendedProtection: 'require', lockoutThreshold: 1 });
    const middle = createServer({ cert: middleCertificate.cert, key: middleCertificate.key }, (socket) => {
      const onward = connect({ host: '127.0.0.1', port: exchange.port, ca: exchangeCertificate.cert });
      for (const end of [socket, onward]) end.on('error', () => undefined);
      socket.pipe(onward).pipe(socket);
    });
    middle.listen(0, '127.0.0.1');
    await once(middle, 'listening');
    try {
      const url = `https://127.0.0.1:${(middle.address() as AddressInfo).port}/EWS/Exchange.asmx`;
      const failure = client({ auth: 'ntlm', url, ca: middleCertificate.cert }).getCalendarFolder(ANNA);
      const message = expect.stringContaining('Extended Protection');
      await expect(failure).rejects.toMatchObject({ code: 'ews-auth-refused', message });
      expect(await control('GET', '/accounts')).toContainEqual(
        expect.objectContaining({ login: 'svc', locked: false }),
      );
    } finally {
      middle.close();
    }
  });

  it('keeps 40 parallel calls apart: a login for each socket, and none is refused', async () => {
    const shared = client({ auth: 'ntlm', connections: 5 });
    await Promise.all(Array.from({ length: 40 }, () => shared.getCalendarFolder(ANNA)));
    const entries = await journal();
    const sockets = new Set(entries.map(({ clientPort }) => clientPort));
    expect(sockets.size).toBeLessThanOrEqual(5);
    const count = (outcome: string) => entries.filter(({ login }) => login === outcome).length;
    expect([count('accepted'), count('refused')]).toEqual([sockets.size, 0]);
    expect(count('accepted') + count('kept')).toBe(40);
  });

  it('shows no secret in the error of a refused login', async () => {
    const failure = await client({ auth: 'ntlm', password: 'Wr0ng-secret' })
      .getCalendarFolder(ANNA)
      .catch((error: Error) => error);
    expect(failure).toMatchObject({ code: 'ews-auth-refused' });
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toMatch(/Wr0ng|NTLM [A-Za-z0-9+/]{8}|authorization/i);
  });
});

describe('the other ways', () => {
  it.each([
    [['Negotiate', 'NTLM', 'Basic realm="x"'], 'ntlm'],
    [['Basic realm="x"'], 'basic'],
  ])('of %j auto takes %s', async (authOffers, form) => {
    await control('PATCH', '/settings', { authOffers });
    await client().getCalendarFolder(ANNA);
    const logins = (await journal()).filter(({ login }) => login === 'accepted');
    expect(logins.map(({ authForm }) => authForm)).toEqual([form]);
  });

  it('a bearer token is got once, renewed when the server refuses it, and counts as no password', async () => {
    await control('PATCH', '/settings', {
      authOffers: ['Bearer client_id="x"'],
      tokenAudience: 'https://mail.corp.example/',
    });
    const oauth = {
      tokenUrl: exchange.tokenUrl,
      scope: 'https://mail.corp.example/.default',
      ca: exchangeCertificate.cert,
    };
    const bearer = client({ auth: 'oauth', login: 'svc', oauth });
    await Promise.all([bearer.getCalendarFolder(ANNA), bearer.getCalendarFolder(ANNA)]);
    await control('POST', '/tokens/revoke');
    await bearer.getCalendarFolder(ANNA);
    const entries = await journal();
    expect(entries.filter(({ operation }) => operation === 'OAuthToken')).toHaveLength(2);
    expect(entries.filter(({ login }) => login === 'refused')).toHaveLength(1);
    expect(entries.at(-1)).toMatchObject({ authForm: 'bearer', login: 'accepted', status: 200 });
  });
});
