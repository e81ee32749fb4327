import { X509Certificate } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { HttpConnections } from '../http-connections.ts';
import { serverEndPoint } from '../server-end-point.ts';
import { openGate } from '../sign-in-gate.ts';
import { CannedExchange, type SeenRequest } from '../testing/canned-exchange.ts';
import { FakeGssapi, gssapiFailure } from '../testing/fake-gssapi.ts';
import { testCertificate } from '../testing/test-certificate.ts';
import type { TransportReply, TransportRequest } from '../transport.ts';
import { KerberosTransport } from './kerberos-transport.ts';

const place = { host: 'h', mailbox: 'anna@corp.example', operation: 'GetFolder' };
const names = { principal: 'svc@CORP.EXAMPLE', keytab: '/etc/calendar.keytab', service: 'HTTP/mail.corp.example' };
const ask = { status: 401, headers: { 'www-authenticate': ['Negotiate', 'NTLM'] } };
const answering = (token: string) => ({ 'www-authenticate': `Negotiate ${Buffer.from(token).toString('base64')}` });

function transportTo(exchange: CannedExchange, gssapi: FakeGssapi, connections = 4): KerberosTransport {
  const trust = exchange.url().startsWith('https') ? { ca: testCertificate } : {};
  const sockets = new HttpConnections({ url: new URL(exchange.url()), trust, connections });
  return new KerberosTransport(sockets, gssapi, { names, gate: openGate, connections });
}

function request(body: string, more: Partial<TransportRequest> = {}): TransportRequest {
  return { body, headers: {}, signal: new AbortController().signal, place, ...more };
}

async function textOf(reply: TransportReply): Promise<string> {
  let text = '';
  for await (const chunk of reply.body) text += Buffer.from(chunk).toString();
  return text;
}

function tokenOf({ headers }: SeenRequest): string {
  const token = /^Negotiate (.+)$/.exec(headers.authorization ?? '')?.[1];
  return token === undefined ? 'none' : Buffer.from(token, 'base64').toString();
}

describe('KerberosTransport', () => {
  test('sends a token of its own with each request, for the service of the host, and gets one ticket for all', async () => {
    const gssapi = new FakeGssapi();
    await using exchange = await CannedExchange.start(({ body }) => ({ body, headers: answering('done') }));
    const transport = transportTo(exchange, gssapi, 5);
    const numbers = Array.from({ length: 40 }, (_, n) => `call ${n}`);
    const call = async (body: string) => textOf(await transport.post(request(body)));
    expect(await Promise.all(numbers.map(call))).toEqual(numbers);
    expect(new Set(exchange.requests.map(tokenOf)).size).toBe(40);
    expect(new Set(exchange.requests.map(({ port }) => port)).size).toBeLessThanOrEqual(5);
    expect(gssapi.acquired).toBe(1);
    expect(gssapi.begun[0]).toEqual({ service: 'HTTP/mail.corp.example', bindings: null });
    await transport.close();
  });

  test('binds its first token on a socket to the certificate of that socket', async () => {
    const gssapi = new FakeGssapi();
    await using exchange = await CannedExchange.start({ headers: answering('done') }, { tls: true });
    const transport = transportTo(exchange, gssapi);
    await textOf(await transport.post(request('call')));
    await textOf(await transport.post(request('stream', { dedicated: true })));
    const bindings = serverEndPoint(new X509Certificate(testCertificate).raw);
    expect(gssapi.begun.map((one) => one.bindings)).toEqual([bindings, bindings]);
    await transport.close();
  });

  test('sends no token over a connection that stays signed in, until the server asks again', async () => {
    const gssapi = new FakeGssapi();
    let asks = false;
    await using exchange = await CannedExchange.start((seen) => {
      if (tokenOf(seen) === 'none' && asks) return ask;
      return { body: seen.body, headers: { 'persistent-auth': 'true', ...answering('done') } };
    });
    const transport = transportTo(exchange, gssapi, 1);
    for (const body of ['a', 'b']) expect(await textOf(await transport.post(request(body)))).toBe(body);
    asks = true;
    expect(await textOf(await transport.post(request('c')))).toBe('c');
    expect(exchange.requests.map(tokenOf)).toEqual(['token 1', 'none', 'none', 'token 2']);
    await transport.close();
  });

  test('takes an answer without a token, and goes on where the server wants another round', async () => {
    const gssapi = new FakeGssapi();
    gssapi.answers.set('more', { token: Buffer.from('second'), complete: false });
    await using exchange = await CannedExchange.start((seen) =>
      seen.body === 'rounds' && tokenOf(seen) !== 'second'
        ? { status: 401, headers: answering('more') }
        : { body: 'in' },
    );
    const transport = transportTo(exchange, gssapi, 1);
    for (const body of ['plain', 'rounds']) expect(await textOf(await transport.post(request(body)))).toBe('in');
    expect(exchange.requests.map(tokenOf)).toEqual(['token 1', 'token 2', 'second']);
    expect(new Set(exchange.requests.map(({ port }) => port)).size).toBe(1);
    await transport.close();
  });

  test('ends rounds without an end', async () => {
    const gssapi = new FakeGssapi();
    gssapi.answers.set('more', { token: Buffer.from('again'), complete: false });
    await using exchange = await CannedExchange.start({ status: 401, headers: answering('more') });
    const transport = transportTo(exchange, gssapi);
    await expect(transport.post(request('call'))).rejects.toMatchObject({ code: 'ews-auth-refused' });
    expect(exchange.requests.length).toBeLessThan(12);
    await transport.close();
  });

  test('does not believe a server whose proof is wrong', async () => {
    const gssapi = new FakeGssapi();
    await using exchange = await CannedExchange.start({ body: 'forged', headers: answering('forged') });
    const transport = transportTo(exchange, gssapi);
    const expected = { code: 'ews-kerberos-server', errorClass: 'config', scope: 'host' };
    await expect(transport.post(request('call'))).rejects.toMatchObject(expected);
    await expect.poll(() => exchange.openSockets()).toBe(0);
    await transport.close();
  });

  test('gets new tickets once when it is refused, since the key of the service may have changed', async () => {
    const gssapi = new FakeGssapi();
    await using exchange = await CannedExchange.start((seen) => (tokenOf(seen) === 'token 1' ? ask : { body: 'in' }));
    const transport = transportTo(exchange, gssapi);
    expect(await textOf(await transport.post(request('call')))).toBe('in');
    expect(gssapi.acquired).toBe(2);
    await transport.close();
  });

  test('gets new tickets once when the old ones are over before their time, as after a sleep of the machine', async () => {
    const gssapi = new FakeGssapi();
    const expired = () => gssapiFailure('KRB5KRB_AP_ERR_TKT_EXPIRED', { stage: 'service' });
    await using exchange = await CannedExchange.start({ body: 'in' });
    const transport = transportTo(exchange, gssapi);
    gssapi.stepFailures.push(expired());
    expect(await textOf(await transport.post(request('call')))).toBe('in');
    expect(gssapi.acquired).toBe(2);
    gssapi.stepFailures.push(expired(), expired());
    await expect(transport.post(request('call'))).rejects.toMatchObject({ code: 'ews-kerberos-clock' });
    await transport.close();
  });

  test('keeps its tickets when no KDC answers about the service', async () => {
    const gssapi = new FakeGssapi();
    await using exchange = await CannedExchange.start({ body: 'in' });
    const transport = transportTo(exchange, gssapi);
    gssapi.stepFailures.push(gssapiFailure('KRB5_KDC_UNREACH', { stage: 'service' }));
    await expect(transport.post(request('call'))).rejects.toMatchObject({ code: 'ews-kerberos-kdc', scope: 'host' });
    expect(await textOf(await transport.post(request('call')))).toBe('in');
    expect(gssapi.acquired).toBe(1);
    await transport.close();
  });

  test('a refusal names what to check and holds no token', async () => {
    const gssapi = new FakeGssapi();
    await using exchange = await CannedExchange.start(ask);
    const transport = transportTo(exchange, gssapi);
    const failure = await transport.post(request('call')).catch((error: Error) => error);
    const message = expect.stringMatching(/Kerberos.*SPN.*clocks.*Extended Protection/);
    expect(failure).toMatchObject({ code: 'ews-auth-refused', errorClass: 'auth', scope: 'account', message });
    expect(exchange.requests).toHaveLength(2);
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toMatch(/Negotiate [A-Za-z0-9+/]{8}|token \d/);
    await transport.close();
  });

  test.each([
    ['KRB5KRB_AP_ERR_SKEW', 'ews-kerberos-clock', 1],
    ['KRB5KRB_AP_ERR_MODIFIED', 'ews-auth-refused', 2],
  ])('a server that says %s is told as %s', async (symbol, code, requests) => {
    const gssapi = new FakeGssapi();
    gssapi.answers.set('told', gssapiFailure(symbol, { stage: 'context' }));
    await using exchange = await CannedExchange.start({ status: 401, headers: answering('told') });
    const transport = transportTo(exchange, gssapi);
    await expect(transport.post(request('call'))).rejects.toMatchObject({ code });
    expect(exchange.requests).toHaveLength(requests);
    await transport.close();
  });

  test('a server without Negotiate is told at once, with what it offers', async () => {
    await using exchange = await CannedExchange.start({ status: 401, headers: { 'www-authenticate': ['NTLM'] } });
    const transport = transportTo(exchange, new FakeGssapi());
    const message = expect.stringMatching(/offers NTLM, not Kerberos \(Negotiate\): set auth to "ntlm"/);
    await expect(transport.post(request('call'))).rejects.toMatchObject({ code: 'ews-auth-unsupported', message });
    expect(exchange.requests).toHaveLength(1);
    await transport.close();
  });

  test.each([
    ['no base64', 'Negotiate *****'],
    ['nothing', 'Negotiate '],
    ['too much', `Negotiate ${'QUJD'.repeat(2_000)}`],
    ['another scheme', 'Bearer QUJD'],
  ])('a header that holds %s is no reason to fail otherwise than by the refusal', async (_what, header) => {
    await using exchange = await CannedExchange.start({
      status: 401,
      headers: { 'www-authenticate': ['Negotiate', header] },
    });
    const transport = transportTo(exchange, new FakeGssapi());
    await expect(transport.post(request('call'))).rejects.toMatchObject({ code: 'ews-auth-refused' });
    await transport.close();
  });

  test('hands on what a server says that is down', async () => {
    await using exchange = await CannedExchange.start({ status: 503, headers: { 'retry-after': '7' } });
    const transport = transportTo(exchange, new FakeGssapi());
    expect((await transport.post(request('call'))).status).toBe(503);
    await transport.close();
  });

  test('a server that is not there, or is not trusted, is told as for every other way', async () => {
    const gssapi = new FakeGssapi();
    await using exchange = await CannedExchange.start({ headers: answering('done') }, { tls: true });
    const untrusting = new HttpConnections({ url: new URL(exchange.url()), trust: {}, connections: 1 });
    const transport = new KerberosTransport(untrusting, gssapi, { names, gate: openGate, connections: 1 });
    await expect(transport.post(request('call'))).rejects.toMatchObject({ code: 'ews-tls' });
    expect(gssapi.acquired).toBe(0);
    await transport.close();
  });
});
