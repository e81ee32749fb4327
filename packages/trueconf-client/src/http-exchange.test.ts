import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { HttpExchange, type HttpRequest } from './http-exchange.ts';
import { type Script, ScriptedServer } from './testing/scripted-server.ts';
import { testCertificate } from './testing/test-certificate.ts';

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
});

function connect(url: string, options: { connections?: number; ca?: string } = {}): HttpExchange {
  const http = new HttpExchange(url, 'conf.example', { connections: options.connections ?? 2, ca: options.ca });
  cleanups.push(() => http.close());
  return http;
}

async function serve(script: Script): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(script);
  cleanups.push(() => server.close());
  return server;
}

async function serveTls(): Promise<string> {
  const server = createTlsServer(testCertificate, (_request, response) => response.end('{}')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function request(fields: Partial<HttpRequest> = {}): HttpRequest {
  return {
    operation: 'test',
    method: 'POST',
    path: '/x',
    headers: {},
    body: '{}',
    timeoutMs: 5_000,
    signal: undefined,
    ...fields,
  };
}

/** A port on which nobody listens. */
async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test('a refused connection was not sent', async () => {
  const http = connect(`http://127.0.0.1:${await freePort()}`);
  await expect(http.send(request())).rejects.toMatchObject({
    code: 'trueconf-unreachable',
    errorClass: 'transient',
    sent: 'no',
  });
});

test('a request whose answer does not come may have been sent', async () => {
  const server = await serve(() => () => undefined);
  const http = connect(server.url);
  await expect(http.send(request({ timeoutMs: 150 }))).rejects.toMatchObject({
    code: 'trueconf-timeout',
    errorClass: 'transient',
    sent: 'maybe',
  });
});

test('the limit covers an answer that trickles in', async () => {
  const server = await serve(() => (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const drip = setInterval(() => response.write(' '), 20);
    response.once('close', () => clearInterval(drip));
  });
  const http = connect(server.url);
  await expect(http.send(request({ timeoutMs: 200 }))).rejects.toMatchObject({ code: 'trueconf-timeout' });
});

test('a connection cut before the answer may have been sent', async () => {
  const server = await serve(() => (response) => response.destroy());
  const http = connect(server.url);
  await expect(http.send(request())).rejects.toMatchObject({ code: 'trueconf-socket', sent: 'maybe' });
});

test('a request that timed out in the queue is not sent later', async () => {
  const held = Promise.withResolvers<void>();
  const server = await serve(async () => {
    await held.promise;
    return { status: 200, json: {} };
  });
  const http = connect(server.url, { connections: 1 });
  const first = http.send(request({ path: '/first' }));
  await expect.poll(() => server.calls).toEqual(['POST /first']);
  const queued = http.send(request({ path: '/queued', timeoutMs: 100 }));
  await expect(queued).rejects.toMatchObject({ code: 'trueconf-timeout', sent: 'no' });
  held.resolve();
  await first;
  await http.send(request({ path: '/last' }));
  expect(server.calls).toEqual(['POST /first', 'POST /last']);
});

test('an abort ends the request and says whether it was sent', async () => {
  const server = await serve(() => () => undefined);
  const http = connect(server.url);
  await expect(http.send(request({ signal: AbortSignal.abort() }))).rejects.toMatchObject({
    code: 'trueconf-aborted',
    sent: 'no',
  });
  const abort = new AbortController();
  const pending = http.send(request({ signal: abort.signal }));
  await expect.poll(() => server.seen.length).toBe(1);
  abort.abort();
  await expect(pending).rejects.toMatchObject({ code: 'trueconf-aborted', sent: 'maybe' });
});

test('connections are kept and used again', async () => {
  const server = await serve(() => ({ status: 200, json: {} }));
  let connections = 0;
  server.server.on('connection', () => {
    connections += 1;
  });
  const http = connect(server.url, { connections: 1 });
  for (let i = 0; i < 5; i += 1) await http.send(request());
  expect(connections).toBe(1);
});

test('a redirect is an answer, not followed', async () => {
  const server = await serve(() => ({ status: 302, headers: { location: 'http://127.0.0.1:1/' } }));
  const reply = await connect(server.url).send(request());
  expect(reply).toMatchObject({ status: 302, location: 'http://127.0.0.1:1/' });
});

test('an unknown certificate is a matter of configuration, and its CA makes it good', async () => {
  const url = await serveTls();
  await expect(connect(url).send(request())).rejects.toMatchObject({
    code: 'trueconf-tls',
    errorClass: 'config',
    sent: 'no',
  });
  expect(await connect(url, { ca: testCertificate.cert }).send(request())).toMatchObject({ status: 200 });
});

test('https towards a plain port is a matter of configuration', async () => {
  const server = await serve(() => ({ status: 200, json: {} }));
  const http = connect(server.url.replace('http:', 'https:'));
  await expect(http.send(request())).rejects.toMatchObject({ code: 'trueconf-tls', errorClass: 'config', sent: 'no' });
});
