import { describe, expect, test } from 'vitest';
import { BasicTransport } from './basic-transport.ts';
import { HttpConnections } from './http-connections.ts';
import { openGate } from './sign-in-gate.ts';
import { CannedExchange } from './testing/canned-exchange.ts';
import type { TransportReply, TransportRequest } from './transport.ts';

const place = { host: 'h', mailbox: 'anna@corp.example', operation: 'GetStreamingEvents' };
const never = new AbortController().signal;

function transportTo(exchange: CannedExchange): BasicTransport {
  const connections = new HttpConnections({ url: new URL(exchange.url()), trust: { ca: undefined }, connections: 1 });
  return new BasicTransport(connections, { login: 'svc', password: 'p4ss-w0rd', gate: openGate });
}

function request(body: string, more: Partial<TransportRequest> = {}): TransportRequest {
  return { body, headers: { 'content-type': 'text/xml' }, signal: never, place, ...more };
}

async function textOf(reply: TransportReply): Promise<string> {
  let text = '';
  for await (const chunk of reply.body) text += Buffer.from(chunk).toString();
  return text;
}

describe('a dedicated request', () => {
  test('keeps no other one waiting, and both are signed in', async () => {
    await using exchange = await CannedExchange.start(({ body }) => ({ body, hang: body === 'stream' }));
    const transport = transportTo(exchange);
    const stream = await transport.post(request('stream', { dedicated: true }));
    const other = await transport.post(request('stream', { dedicated: true }));
    expect(await textOf(await transport.post(request('call')))).toBe('call');
    for await (const chunk of stream.body) {
      expect(Buffer.from(chunk).toString()).toBe('stream');
      break;
    }
    await transport.close();
    await expect(textOf(other)).rejects.toMatchObject({ code: 'ews-network' });
    expect(new Set(exchange.requests.map(({ port }) => port)).size).toBe(3);
    expect(exchange.requests.map(({ headers }) => headers.authorization?.slice(0, 6))).toEqual(Array(3).fill('Basic '));
  });

  test.each(['read', 'left', 'aborted'])('closes its socket when its reply is %s', async (end) => {
    await using exchange = await CannedExchange.start({ body: 'reply', hang: end !== 'read' });
    const transport = transportTo(exchange);
    const aborter = new AbortController();
    const reply = await transport.post(request('stream', { dedicated: true, signal: aborter.signal }));
    const reason = new Error('given up');
    const reading = (async () => {
      for await (const _ of reply.body) {
        if (end === 'left') return;
        if (end === 'aborted') aborter.abort(reason);
      }
    })();
    if (end === 'aborted') await expect(reading).rejects.toBe(reason);
    else await reading;
    await expect.poll(() => exchange.openSockets()).toBe(0);
    await transport.close();
  });
});
