import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { HttpConnections } from './http-connections.ts';
import { NtlmTransport } from './ntlm-transport.ts';
import { openGate } from './sign-in-gate.ts';
import { CannedExchange } from './testing/canned-exchange.ts';
import { NtlmSockets } from './testing/ntlm-exchange.ts';
import type { TransportReply, TransportRequest } from './transport.ts';

const place = { host: 'h', mailbox: 'anna@corp.example', operation: 'GetFolder' };

function transportTo(exchange: CannedExchange, connections = 4): NtlmTransport {
  const url = new URL(exchange.url());
  const sockets = new HttpConnections({ url, trust: {}, connections });
  const login = { login: 'CORP\\svc', password: 'p4ss-w0rd', gate: openGate };
  return new NtlmTransport(sockets, { ...login, host: url.hostname, connections });
}

function request(body: string, more: Partial<TransportRequest> = {}): TransportRequest {
  return { body, headers: {}, signal: new AbortController().signal, place, ...more };
}

async function textOf(reply: TransportReply): Promise<string> {
  let text = '';
  for await (const chunk of reply.body) text += Buffer.from(chunk).toString();
  return text;
}

describe('NtlmTransport', () => {
  test('40 parallel calls over a few sockets: each socket signs in once and none is mixed up', async () => {
    const sockets = new NtlmSockets();
    await using exchange = await CannedExchange.start((seen) => sockets.answer(seen, seen.body));
    const transport = transportTo(exchange, 5);
    const call = async (n: number) => textOf(await transport.post(request(`call ${n}`)));
    const numbers = Array.from({ length: 40 }, (_, n) => n);
    expect(await Promise.all(numbers.map(call))).toEqual(numbers.map((n) => `call ${n}`));
    expect(sockets.refusals).toBe(0);
    expect(sockets.logins).toBeLessThanOrEqual(5);
    expect(exchange.requests).toHaveLength(40 + sockets.logins);
    await transport.close();
  });

  test('signs in anew when the server has forgotten the socket, and sends the request again', async () => {
    const sockets = new NtlmSockets();
    await using exchange = await CannedExchange.start((seen) => sockets.answer(seen, seen.body));
    const transport = transportTo(exchange, 1);
    expect(await textOf(await transport.post(request('first')))).toBe('first');
    sockets.forget();
    expect(await textOf(await transport.post(request('second')))).toBe('second');
    expect([sockets.logins, sockets.refusals]).toEqual([2, 1]);
    await transport.close();
  });

  test('takes another socket when the server closed an idle one, and when a reply was left', async () => {
    const sockets = new NtlmSockets();
    await using exchange = await CannedExchange.start((seen) => {
      const answer = sockets.answer(seen, seen.body);
      return seen.body === 'last' ? { ...answer, headers: { ...answer.headers, connection: 'close' } } : answer;
    });
    const transport = transportTo(exchange, 1);
    for (const body of ['first', 'last', 'third']) {
      expect(await textOf(await transport.post(request(body)))).toBe(body);
    }
    const left = await transport.post(request('left'));
    for await (const _ of left.body) break;
    expect(await textOf(await transport.post(request('fifth')))).toBe('fifth');
    expect(sockets.refusals).toBe(0);
    await transport.close();
  });

  test('gives a dedicated request a login and a socket of its own', async () => {
    const sockets = new NtlmSockets();
    await using exchange = await CannedExchange.start((seen) => ({
      ...sockets.answer(seen, seen.body),
      hang: seen.body === 'stream',
    }));
    const transport = transportTo(exchange, 1);
    const stream = await transport.post(request('stream', { dedicated: true }));
    expect(await textOf(await transport.post(request('call')))).toBe('call');
    expect(sockets.logins).toBe(2);
    for await (const _ of stream.body) break;
    await transport.close();
    await expect.poll(() => exchange.openSockets()).toBe(0);
  });

  test('a refused login is one attempt, ends its socket, and shows no secret', async () => {
    const sockets = new NtlmSockets();
    sockets.refuse = true;
    await using exchange = await CannedExchange.start((seen) => sockets.answer(seen, ''));
    const transport = transportTo(exchange);
    const failure = await transport.post(request('call')).then(
      () => null,
      (error: Error) => error,
    );
    expect(failure).toMatchObject({ code: 'ews-auth-refused', errorClass: 'auth', scope: 'account', httpStatus: 401 });
    expect(sockets.refusals).toBe(1);
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toMatch(/p4ss-w0rd|NTLM [A-Za-z0-9+/]{8}|TlRMTVNT/);
    await expect.poll(() => exchange.openSockets()).toBe(0);
    await transport.close();
  });

  test.each([
    [
      'offers no NTLM',
      { 'www-authenticate': ['Negotiate', 'Basic realm="x"'] },
      /offers Negotiate, Basic, not NTLM: set auth to "basic"/,
    ],
    ['sends no challenge', { 'www-authenticate': 'NTLM' }, /no NTLM challenge/],
    [
      'sends a broken challenge',
      { 'www-authenticate': `NTLM ${Buffer.from('NTLMSSP').toString('base64')}` },
      /cannot be read/,
    ],
  ])('says at once what is wrong when the server %s', async (_what, headers, message) => {
    await using exchange = await CannedExchange.start({ status: 401, headers });
    const transport = transportTo(exchange);
    const expected = { code: 'ews-auth-unsupported', message: expect.stringMatching(message) };
    await expect(transport.post(request('call'))).rejects.toMatchObject(expected);
    expect(exchange.requests).toHaveLength(1);
    await transport.close();
  });

  test('a proxy that closes between the messages is a fault of the network, not of the password', async () => {
    const sockets = new NtlmSockets();
    await using exchange = await CannedExchange.start((seen) => {
      const answer = sockets.answer(seen, '');
      return { ...answer, headers: { ...answer.headers, connection: 'close' } };
    });
    const transport = transportTo(exchange);
    const expected = { code: 'ews-network', message: expect.stringContaining('in the middle of the NTLM login') };
    await expect(transport.post(request('call'))).rejects.toMatchObject(expected);
    await transport.close();
  });

  test('hands on what a server says before it asks who is there', async () => {
    await using exchange = await CannedExchange.start({ status: 503, headers: { 'retry-after': '7' } });
    const transport = transportTo(exchange);
    expect((await transport.post(request('call'))).status).toBe(503);
    await transport.close();
  });

  test('lets a call go that is given up while it waits for a socket', async () => {
    const sockets = new NtlmSockets();
    await using exchange = await CannedExchange.start((seen) => ({
      ...sockets.answer(seen, seen.body),
      hang: seen.body === 'slow',
    }));
    const transport = transportTo(exchange, 1);
    const slow = await transport.post(request('slow'));
    const aborter = new AbortController();
    const waiting = transport.post(request('call', { signal: aborter.signal }));
    aborter.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow('given up');
    for await (const _ of slow.body) break;
    expect(await textOf(await transport.post(request('next')))).toBe('next');
    await transport.close();
  });
});
