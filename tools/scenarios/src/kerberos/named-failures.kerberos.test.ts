import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { EwsClient, type EwsClientOptions } from 'ews-client';
import { until } from 'stack-driver';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Acceptor } from './acceptor.ts';
import { Realm } from './realm.ts';
import { ownCertificate } from './server-certificates.ts';

const ANNA = 'anna@corp.example';
const PRINCIPAL = 'svc-calendar@CORP.EXAMPLE';
const lasting = { errorClass: 'config', scope: 'account' };

let realm: Realm;
let keytab: string;
let server: Server;
let requests = 0;
const clients: EwsClient[] = [];

beforeAll(async () => {
  realm = await Realm.start();
  keytab = await realm.principal('svc-calendar');
  await realm.principal(Realm.service);
  server = createServer({ cert: ownCertificate.cert, key: ownCertificate.key }, (_request, response) => {
    requests++;
    response.writeHead(401, { 'www-authenticate': 'Negotiate' }).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
beforeEach(() => {
  requests = 0;
  realm.clients();
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
});
afterAll(async () => {
  server?.close();
  await realm?.end();
});

/** What a call fails with, which names whom and where, and holds no secret. */
function call(kerberos: Partial<EwsClientOptions['kerberos']> = {}, options: Partial<EwsClientOptions> = {}) {
  const url = `https://localhost:${(server.address() as AddressInfo).port}/EWS/Exchange.asmx`;
  const client = new EwsClient({
    ...{ url, auth: 'kerberos', ca: ownCertificate.cert },
    kerberos: { principal: PRINCIPAL, keytab, ...kerberos },
    ...options,
  });
  clients.push(client);
  return client.getCalendarFolder(ANNA);
}

const said = (pattern: RegExp) => expect.stringMatching(pattern);

describe('a clock that is wrong', () => {
  afterEach(() => realm.startKdc());

  it('is named when the KDC refuses it', async () => {
    await realm.startKdc({ clock: '+1h' });
    realm.clients({ defaults: ['kdc_timesync = 0'] });
    const message = said(/^the clocks of this machine and of the KDC differ .*: set the clocks .*NTP.*mailbox anna@/);
    await expect(call()).rejects.toMatchObject({ ...lasting, code: 'ews-kerberos-clock', message });
    expect(requests).toBe(0);
  });

  it('is named when Exchange refuses it', async () => {
    await realm.startKdc({ clock: '+1h' });
    const exchange = await Acceptor.start(realm, ownCertificate, {
      keytab: join(realm.folder, 'HTTP_localhost.keytab'),
    });
    try {
      const failure = call({}, { url: exchange.url('/EWS/Exchange.asmx') });
      const message = said(/^the clocks of this machine and of Exchange differ/);
      await expect(failure).rejects.toMatchObject({ ...lasting, code: 'ews-kerberos-clock', message });
      // New tickets would not help.
      expect(exchange.seen).toHaveLength(1);
    } finally {
      await exchange.stop();
    }
  });
});

describe('a service', () => {
  it('without an SPN is named, and how to look for it', async () => {
    const failure = call({ service: 'HTTP/mail.corp.example' });
    const message = said(
      /does not know the service HTTP\/mail\.corp\.example: .*setspn -Q HTTP\/mail\.corp\.example.*ASA/,
    );
    await expect(failure).rejects.toMatchObject({ ...lasting, code: 'ews-kerberos-service', message });
    expect(requests).toBe(0);
  });

  it('in a realm that is not known is named too', async () => {
    const failure = call({ service: 'HTTP/mail.corp.example@ELSEWHERE.EXAMPLE' });
    await expect(failure).rejects.toMatchObject({ ...lasting, code: 'ews-kerberos-service' });
  });

  it('whose key is of a type that this machine does not permit is named', async () => {
    await realm.admin('addprinc -randkey HTTP/old.corp.example');
    await realm.admin('setstr HTTP/old.corp.example session_enctypes aes128-cts');
    realm.clients({ defaults: ['permitted_enctypes = aes256-cts'] });
    const message = said(/no encryption type for the service HTTP\/old\.corp\.example.*msDS-SupportedEncryptionTypes/);
    const failure = call({ service: 'HTTP/old.corp.example' });
    await expect(failure).rejects.toMatchObject({ ...lasting, code: 'ews-kerberos-encryption', message });
  });
});

describe('a keytab', () => {
  it('with keys of a type that the KDC does not permit is named, with its keys', async () => {
    const old = join(realm.folder, 'old.keytab');
    await realm.admin('addprinc -randkey +requires_preauth old-keys');
    await realm.admin(`ktadd -k ${old} -e arcfour-hmac:normal old-keys`);
    // As after the upgrade of a domain: the KDC knows other keys than the keytab does.
    await realm.admin('cpw -randkey -e aes256-cts:normal old-keys');
    const message = said(/encryption type.*old\.keytab.*\(arcfour-hmac\): make the keytab again with AES keys/);
    const failure = call({ principal: 'old-keys@CORP.EXAMPLE', keytab: old });
    await expect(failure).rejects.toMatchObject({ ...lasting, code: 'ews-kerberos-encryption', message });
  });

  it('of an account that has no other keys than those that the KDC does not permit is named', async () => {
    const weak = join(realm.folder, 'weak.keytab');
    await realm.admin('addprinc -randkey -e arcfour-hmac:normal weak-keys');
    await realm.admin(`ktadd -norandkey -k ${weak} weak-keys`);
    await realm.startKdc({ defaults: ['permitted_enctypes = aes256-cts aes128-cts'] });
    const message = said(/^the KDC permits none of the encryption types of weak-keys@CORP\.EXAMPLE .*arcfour-hmac/);
    const failure = call({ principal: 'weak-keys@CORP.EXAMPLE', keytab: weak });
    await expect(failure).rejects.toMatchObject({ ...lasting, code: 'ews-kerberos-encryption', message });
    await realm.startKdc();
  });

  it.each([
    [
      'is not there',
      { keytab: '/nonexistent/calendar.keytab' },
      /keytab \/nonexistent\/calendar\.keytab cannot be read \(ENOENT\)/,
    ],
    ['is none', { keytab: '/etc/hostname' }, /keytab \/etc\/hostname cannot be read/],
    [
      'holds another principal',
      { principal: 'Svc-Calendar@CORP.EXAMPLE' },
      /holds no key for Svc-Calendar@CORP.EXAMPLE: .*klist -k/,
    ],
  ])('that %s is named', async (_what, kerberos, message) => {
    await expect(call(kerberos)).rejects.toMatchObject({
      ...lasting,
      code: 'ews-kerberos-keytab',
      message: said(message),
    });
  });

  it('with keys of before a change of the password is a refusal, which counts against the account', async () => {
    const stale = await realm.principal('stale');
    await realm.admin('cpw -randkey stale');
    const failure = call({ principal: 'stale@CORP.EXAMPLE', keytab: stale });
    const message = said(/^the KDC refused stale@CORP\.EXAMPLE .*its password was changed since/);
    await expect(failure).rejects.toMatchObject({
      code: 'ews-auth-refused',
      errorClass: 'auth',
      scope: 'account',
      message,
    });
  });

  it('of an account that is disabled, or that is gone, is a refusal', async () => {
    const gone = await realm.principal('gone');
    await realm.admin('modprinc -allow_tix gone');
    const refused = () => call({ principal: 'gone@CORP.EXAMPLE', keytab: gone });
    await expect(refused()).rejects.toMatchObject({ code: 'ews-auth-refused', message: said(/disabled, locked/) });
    await realm.admin('delprinc -force gone');
    await expect(refused()).rejects.toMatchObject({
      code: 'ews-auth-refused',
      message: said(/check kerberos\.principal/),
    });
  });
});

describe('a KDC', () => {
  it('that is away is a passing fault, and the client works once it is back', async () => {
    realm.clients({ kdcPort: 9 });
    const passing = { code: 'ews-kerberos-kdc', errorClass: 'transient', scope: 'host' };
    await expect(call()).rejects.toMatchObject({ ...passing, message: said(/^no KDC answers .*port 88/) });
    realm.clients();
    await expect(call()).rejects.toMatchObject({ code: 'ews-auth-refused' });
    await until('the server was asked', () => (requests > 0 ? true : undefined));
  });

  it('that never answers does not hold a call longer than its time', async () => {
    const silent = (await import('node:dgram')).createSocket('udp4');
    silent.bind(0, '127.0.0.1');
    await once(silent, 'listening');
    try {
      realm.clients({ kdcPort: silent.address().port, defaults: ['udp_preference_limit = 10000'] });
      await expect(call({}, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'ews-timeout' });
    } finally {
      silent.close();
    }
  });
});

describe('a machine without a realm', () => {
  it('is named', async () => {
    realm.noClients();
    const failure = call({ principal: 'svc-calendar' });
    await expect(failure).rejects.toMatchObject({
      ...lasting,
      code: 'ews-kerberos-setup',
      message: said(/krb5\.conf/),
    });
  });
});
