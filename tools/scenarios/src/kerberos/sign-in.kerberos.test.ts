import { readFileSync } from 'node:fs';
import { EwsClient, type EwsClientOptions } from 'ews-client';
import { type Gssapi, type GssapiCredential, loadGssapi } from 'gssapi';
import { until } from 'stack-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineWorld } from '../sync-engine/engine-world.ts';
import { Acceptor, type AcceptorOptions } from './acceptor.ts';
import { Apache } from './apache.ts';
import { endPointOf } from './end-point.ts';
import { sendToken } from './negotiate-request.ts';
import { Realm } from './realm.ts';
import { otherCertificate, ownCertificate, writeCertificate } from './server-certificates.ts';

const PEOPLE = ['anna@corp.example', 'boris@corp.example'];
const [ANNA = ''] = PEOPLE;
const PRINCIPAL = 'svc-calendar@CORP.EXAMPLE';
/** The KDC gives no ticket for longer, and no server here forgives more than a second. */
const TICKET_SECONDS = 10;
const never = new AbortController().signal;

let realm: Realm;
let world: EngineWorld;
let gssapi: Gssapi;
let keytab: string;
let serviceKeytab: string;
let path: string;
const servers: { stop(): Promise<void> }[] = [];
const clients: EwsClient[] = [];

beforeAll(async () => {
  realm = await Realm.start();
  keytab = await realm.principal('svc-calendar', `-maxlife "${TICKET_SECONDS} seconds"`);
  serviceKeytab = await realm.principal(Realm.service);
  world = await EngineWorld.start(PEOPLE);
  path = new URL(world.simulator.ewsUrl).pathname;
  gssapi = loadGssapi();
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await world?.end();
  await Promise.all(servers.map((server) => server.stop()));
  await realm?.end();
});

async function acceptor(options: Partial<AcceptorOptions> = {}): Promise<Acceptor> {
  const made = await Acceptor.start(realm, ownCertificate, { ...upstream(), keytab: serviceKeytab, ...options });
  servers.push(made);
  return made;
}

function upstream() {
  const login = Buffer.from(`svc-calendar:${EngineWorld.password}`).toString('base64');
  return { upstream: world.simulator.ewsUrl, authorization: `Basic ${login}` };
}

function client(url: string, options: Partial<EwsClientOptions> = {}): EwsClient {
  const kerberos = { principal: PRINCIPAL, keytab };
  const made = new EwsClient({ url, auth: 'kerberos', kerberos, ca: ownCertificate.cert, ...options });
  clients.push(made);
  return made;
}

describe('a sync-worker with a keytab', () => {
  it('reads calendars without any password or variable, with new tickets before the old ones end', async () => {
    const exchange = await acceptor();
    const oldTickets = await gssapi.acquire(PRINCIPAL, keytab, never);
    world.configure({
      calendarProviders: [
        {
          ...{ type: 'ews', host: 'localhost', port: exchange.port, path, users: PEOPLE },
          auth: 'kerberos',
          kerberos: { principal: PRINCIPAL, keytab },
          tls: { ca: writeCertificate(realm.folder, ownCertificate).cert },
          ...{ streaming: { enabled: false }, autodiscover: { enabled: false } },
        },
      ],
    });
    const issued = () => realm.log.match(/AS_REQ.* ISSUE: .*svc-calendar@/g)?.length ?? 0;
    const before = issued();
    const worker = world.work();
    await world.untilCached();
    const environment = readFileSync(`/proc/${worker.pid}/environ`, 'utf8');
    expect(environment).not.toMatch(/(?:^|\0)KRB5/);
    expect(readFileSync(world.config.path, 'utf8')).not.toMatch(/"credentials"/);

    await until('new tickets were got again and again', () => (issued() >= before + 4 ? true : undefined), {
      patienceMs: 50_000,
    });
    await until('the first tickets are over', async () => {
      const token = await oldTickets
        .begin(Realm.service, null)
        .step(null, never)
        .catch(({ symbol }) => symbol);
      return token === 'KRB5KRB_AP_ERR_TKT_EXPIRED' ? true : undefined;
    });
    await world.seed({ mailbox: ANNA, subject: 'after the first tickets' });
    await until('a change is seen with the new ones', async () =>
      (await world.subjects(ANNA)).includes('after the first tickets') ? true : undefined,
    );
    expect(new Set(exchange.seen.map(({ outcome }) => outcome))).toEqual(new Set(['accepted']));
    expect(new Set(exchange.seen.map(({ name }) => name))).toEqual(new Set([PRINCIPAL]));
    for (const { bound, lifetime } of exchange.seen) {
      expect(bound).toBe(true);
      // With the second that the server forgives.
      expect(lifetime).toBeLessThanOrEqual(TICKET_SECONDS + 1);
    }
    expect((await world.mailboxes()).map(({ status }) => status)).toEqual(['ok', 'ok']);
  });
});

describe('channel bindings', () => {
  let exchange: Acceptor;
  let credential: GssapiCredential;
  beforeAll(async () => {
    exchange = await acceptor();
  });

  async function statusWith(bindings: Buffer | null): Promise<number> {
    credential = await gssapi.acquire(PRINCIPAL, keytab, never);
    const { token } = await credential.begin(Realm.service, bindings).step(null, never);
    return (await sendToken(exchange.url(path), token!, ownCertificate)).status;
  }

  it('of the server’s certificate let the client in', async () => {
    expect(await statusWith(endPointOf(ownCertificate))).not.toBe(401);
    await expect.poll(() => exchange.seen.at(-1)).toMatchObject({ outcome: 'accepted', name: PRINCIPAL, bound: true });
  });

  it('that are switched off are refused', async () => {
    expect(await statusWith(null)).toBe(401);
    await expect
      .poll(() => exchange.seen.at(-1))
      .toMatchObject({ outcome: 'refused', name: PRINCIPAL, reason: 'not bound' });
  });

  it('of another certificate are refused', async () => {
    expect(await statusWith(endPointOf(otherCertificate))).toBe(401);
    await expect
      .poll(() => exchange.seen.at(-1))
      .toMatchObject({ outcome: 'refused', reason: expect.stringMatching(/bindings/i) });
  });

  it('show somebody in between with a certificate of his own, and the error names it', async () => {
    const behind = await acceptor({ bindTo: otherCertificate });
    const failure = client(behind.url(path)).getCalendarFolder(ANNA);
    const message = expect.stringMatching(/Kerberos.*Extended Protection.*certificate of its own/);
    await expect(failure).rejects.toMatchObject({ code: 'ews-auth-refused', scope: 'account', message });
  });
});

describe('connections', () => {
  it('carry one token for each request, and each answer of the server is verified', async () => {
    const exchange = await acceptor();
    const one = client(exchange.url(path), { connections: 2 });
    await Promise.all(Array.from({ length: 12 }, () => one.getCalendarFolder(ANNA)));
    await expect.poll(() => exchange.seen.map(({ outcome }) => outcome)).toEqual(Array(12).fill('accepted'));
    expect(new Set(exchange.seen.map(({ port }) => port)).size).toBe(2);
  });

  it('that stay signed in carry one token', async () => {
    const exchange = await acceptor({ persistent: true });
    const one = client(exchange.url(path), { connections: 1 });
    for (let call = 0; call < 3; call++) await one.getCalendarFolder(ANNA);
    await expect.poll(() => exchange.seen.map(({ outcome }) => outcome)).toEqual(['accepted', 'kept', 'kept']);
  });

  it('to a server that cannot prove itself are given up', async () => {
    const exchange = await acceptor({ token: Buffer.from('no token of Kerberos') });
    const failure = client(exchange.url(path)).getCalendarFolder(ANNA);
    await expect(failure).rejects.toMatchObject({ code: 'ews-kerberos-server', errorClass: 'config', scope: 'host' });
  });
});

describe('Apache with mod_auth_gssapi', () => {
  it('lets the client in under the name of its principal, with auto too', async () => {
    const apache = await Apache.start(realm, { certificate: ownCertificate, keytab: serviceKeytab, ...upstream() });
    servers.push(apache);
    expect(await client(apache.url(path)).getCalendarFolder(ANNA)).toMatchObject({ folderId: expect.any(String) });
    const auto = client(apache.url(path), { auth: 'auto', login: 'svc-calendar', password: 'not to be sent' });
    await auto.getCalendarFolder(ANNA);
    await auto.getCalendarFolder(ANNA);
    await expect
      .poll(() => apache.requests)
      .toEqual([`${PRINCIPAL} 200`, '- 401', `${PRINCIPAL} 200`, `${PRINCIPAL} 200`]);
  });
});
