import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { EwsClient, EwsError } from './index.ts';
import { type CannedAnswer, CannedExchange } from './testing/canned-exchange.ts';
import { answers, backOff, calendarItem, envelope, failure, fault, gotItem } from './testing/replies.ts';
import { testCertificate } from './testing/test-certificate.ts';

const anna = 'anna@corp.example';
const seen: EwsError[] = [];

/** The error that a GetFolder ends with; kept to be searched for secrets. */
async function errorOf(call: Promise<unknown>): Promise<EwsError> {
  const outcome = await call.then(
    () => undefined,
    (failed: unknown) => failed,
  );
  if (!(outcome instanceof EwsError)) throw new Error(`no EwsError but ${inspect(outcome)}`);
  seen.push(outcome);
  return outcome;
}

async function errorFor(answer: CannedAnswer): Promise<EwsError> {
  await using exchange = await CannedExchange.start(answer);
  return await errorOf(exchange.client().getCalendarFolder(anna));
}

afterEach(() => {
  const encoded = Buffer.from('CORP\\svc:p4ss-w0rd').toString('base64');
  for (const error of seen.splice(0)) {
    const everything = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error) + error.stack;
    expect(everything).not.toMatch(/p4ss-w0rd|authorization|Secret Subject/i);
    expect(everything).not.toContain(encoded);
    expect(error.message).toMatch(/host 127\.0\.0\.1:\d+|host localhost:\d+/);
    expect(error).toMatchObject({ mailbox: anna, name: error.constructor.name });
  }
});

describe("Exchange's own codes", () => {
  test.each([
    ['ErrorServerBusy', 'throttle', 'mailbox'],
    ['ErrorExceededConnectionCount', 'throttle', 'account'],
    ['ErrorTimeoutExpired', 'size', 'mailbox'],
    ['ErrorInternalServerTransientError', 'transient', 'mailbox'],
    ['ErrorADUnavailable', 'transient', 'host'],
    ['ErrorMailboxMoveInProgress', 'moving', 'mailbox'],
    ['ErrorImpersonateUserDenied', 'mailbox', 'mailbox'],
    ['ErrorSchemaValidation', 'config', 'mailbox'],
    ['ErrorInvalidServerVersion', 'config', 'host'],
    ['ErrorPasswordExpired', 'config', 'account'],
    ['ErrorNobodyForesawThis', 'unknown', 'mailbox'],
  ])('%s is of class %s and scope %s, as a fault and as a message', async (code, errorClass, scope) => {
    const wanted = { code: 'ews-response', responseCode: code, errorClass, scope, operation: 'GetFolder' };
    expect(await errorFor({ status: 500, body: fault(code) })).toMatchObject(wanted);
    expect(await errorFor({ body: answers('GetFolder', failure('GetFolder', code)) })).toMatchObject(wanted);
    expect(await errorFor({ body: fault(code) })).toMatchObject(wanted);
  });

  test('the back-off is read from faults and messages, also 0 and none', async () => {
    const inFault = { status: 500, body: fault('ErrorServerBusy', backOff(5000, 't')) };
    expect((await errorFor(inFault)).backOffMs).toBe(5000);
    const message = (more: string) => ({ body: answers('GetFolder', failure('GetFolder', 'ErrorServerBusy', more)) });
    expect((await errorFor(message(backOff(297749)))).backOffMs).toBe(297749);
    expect((await errorFor(message(backOff(0)))).backOffMs).toBe(0);
    expect((await errorFor(message(''))).backOffMs).toBeUndefined();
  });

  test('a fault without detail is known by its faultcode', async () => {
    const bare = fault('ErrorInvalidServerVersion').replace(/<detail>.*<\/detail>/, '');
    expect(await errorFor({ status: 500, body: bare })).toMatchObject({
      responseCode: 'ErrorInvalidServerVersion',
      errorClass: 'config',
    });
  });

  test('a schema violation tells its place, not its text', async () => {
    const xml =
      '<t:MessageXml><t:LineNumber>1</t:LineNumber><t:LinePosition>815</t:LinePosition><t:Violation>Secret Subject</t:Violation></t:MessageXml>';
    const { message } = await errorFor({ status: 500, body: fault('ErrorSchemaValidation', xml) });
    expect(message).toContain('request line 1, position 815');
  });

  test("the server's request id is kept for its logs", async () => {
    const headers = { 'request-id': '3f2504e0-4f89-11d3-9a0c-0305e82c3301' };
    const error = await errorFor({ status: 500, headers, body: fault('ErrorServerBusy') });
    expect(error.requestId).toBe('3f2504e0-4f89-11d3-9a0c-0305e82c3301');
  });
});

describe('bare HTTP answers', () => {
  test.each<[number, string, string]>([
    [403, 'mailbox', 'mailbox'],
    [404, 'config', 'host'],
    [413, 'size', 'mailbox'],
    [429, 'throttle', 'mailbox'],
    [500, 'transient', 'mailbox'],
    [502, 'transient', 'host'],
    [503, 'throttle', 'mailbox'],
    [504, 'transient', 'host'],
    [418, 'unknown', 'mailbox'],
  ])('HTTP %d with HTML, nothing, foreign or broken XML is %s', async (status, errorClass, scope) => {
    const wanted = { code: 'ews-http', httpStatus: status, errorClass, scope };
    const headers = { 'content-type': 'text/html' };
    expect(await errorFor({ status, headers, body: '<html>Secret Subject' })).toMatchObject(wanted);
    expect(await errorFor({ status, body: '' })).toMatchObject(wanted);
    expect(await errorFor({ status, body: '<error>Secret Subject</error>' })).toMatchObject(wanted);
    expect(await errorFor({ status, body: 'Secret Subject' })).toMatchObject(wanted);
  });

  test('Retry-After is read as seconds and as a date', async () => {
    expect((await errorFor({ status: 503, headers: { 'retry-after': '120' } })).backOffMs).toBe(120_000);
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    const { backOffMs } = await errorFor({ status: 503, headers: { 'retry-after': date } });
    expect(backOffMs).toBeGreaterThan(3_000_000);
  });

  test("a redirect to Exchange's error page is an outage", async () => {
    const headers = { location: 'https://mail.corp.example/ews/genericerrorpage.htm?aspxerrorpath=/x' };
    expect(await errorFor({ status: 302, headers })).toMatchObject({ code: 'ews-http', errorClass: 'transient' });
  });

  test('any other redirect is not followed, and its query not told', async () => {
    await using exchange = await CannedExchange.start(({ url }) => ({
      status: 302,
      headers: { location: `${url}/owa/auth/logon.aspx?secret=Secret Subject` },
    }));
    const error = await errorOf(exchange.client().getCalendarFolder(anna));
    expect(error).toMatchObject({ errorClass: 'config', scope: 'host', httpStatus: 302 });
    expect(error.message).toContain('/owa/auth/logon.aspx');
    expect(exchange.requests).toHaveLength(1);
  });

  test('a login page with 200 is a wrong address', async () => {
    const headers = { 'content-type': 'text/html; charset=utf-8' };
    const error = await errorFor({ headers, body: '<html>Secret Subject</html>' });
    expect(error).toMatchObject({ code: 'ews-http', errorClass: 'config' });
    expect(error.message).toContain('text/html');
  });
});

describe('replies that are no answer', () => {
  test.each<[string, string]>([
    ['nothing', ''],
    ['another operation', answers('GetItem', gotItem(calendarItem('1')))],
    ['too many answers', answers('GetFolder', failure('GetFolder', 'X'), failure('GetFolder', 'Y'))],
    ['no answers', answers('GetFolder')],
    ['an answer of another operation', answers('GetFolder', failure('GetItem', 'X'))],
    ['an unknown class', answers('GetFolder', failure('GetFolder', 'X', '', 'Perhaps'))],
    ['an empty body', envelope('')],
    ['a bare element', '<a/>'],
    ['a foreign envelope', '<Envelope xmlns="http://www.w3.org/2003/05/soap-envelope"><Body/></Envelope>'],
    ['broken XML', '<s:Envelope>'],
  ])('%s is refused', async (_what, body) => {
    expect(await errorFor({ body })).toMatchObject({ code: 'ews-bad-reply', errorClass: 'transient' });
  });

  test('broken XML makes a batch smaller, and at last names the item', async () => {
    await using exchange = await CannedExchange.start({ body: '<s:Envelope>' });
    const get = (...ids: string[]) =>
      errorOf(
        exchange.client().getItems(
          anna,
          ids.map((itemId) => ({ itemId })),
          { body: 'preview' },
        ),
      );
    expect(await get('1', '2')).toMatchObject({ code: 'ews-bad-reply', errorClass: 'size' });
    expect(await get('1')).toMatchObject({ code: 'ews-bad-reply', errorClass: 'item', scope: 'item' });
  });

  test('broken gzip is refused', async () => {
    const headers = { 'content-encoding': 'gzip' };
    expect(await errorFor({ headers, body: 'not gzip' })).toMatchObject({ code: 'ews-bad-reply' });
    const other = await errorFor({ headers: { 'content-encoding': 'br' }, body: 'x' });
    expect(other).toMatchObject({ code: 'ews-bad-reply', errorClass: 'config' });
  });

  test('a reply beyond limits asks for less at once', async () => {
    const error = await errorFor({ body: '<a>'.repeat(1000) });
    expect(error).toMatchObject({ code: 'ews-bad-reply', errorClass: 'size' });
  });
});

describe('sign-in', () => {
  test('a refused login counts against the account', async () => {
    const headers = { 'www-authenticate': ['Negotiate', 'Basic realm="mail.corp.example"'] };
    const error = await errorFor({ status: 401, headers });
    expect(error).toMatchObject({ code: 'ews-auth-refused', errorClass: 'auth', scope: 'account', httpStatus: 401 });
    expect(await errorFor({ status: 401 })).toMatchObject({ code: 'ews-auth-refused' });
  });

  test('an offer that cannot be served fails at once and is named', async () => {
    await using exchange = await CannedExchange.start({
      status: 401,
      headers: { 'www-authenticate': ['Negotiate', 'NTLM'] },
    });
    const error = await errorOf(exchange.client().getCalendarFolder(anna));
    expect(error).toMatchObject({ code: 'ews-auth-unsupported', errorClass: 'config', scope: 'host' });
    expect(error.message).toContain('offers Negotiate, NTLM, not Basic: set auth to "ntlm"');
    expect(exchange.requests).toHaveLength(1);
  });
});

describe('the network', () => {
  test('nobody listens', async () => {
    const exchange = await CannedExchange.start({});
    const url = exchange.url();
    await exchange[Symbol.asyncDispose]();
    const client = new EwsClient({ url, login: 'svc', password: 'p4ss-w0rd' });
    const error = await errorOf(client.getCalendarFolder(anna));
    expect(error).toMatchObject({ code: 'ews-network', errorClass: 'transient', scope: 'host' });
    expect(error.message).toContain('ECONNREFUSED');
    await client.close();
  });

  test('the socket breaks in the middle of a reply', async () => {
    const error = await errorFor({ body: '<s:Envelope', breakOff: true });
    expect(error).toMatchObject({ code: 'ews-network', errorClass: 'transient' });
  });

  test('something that is no HTTP server answers', async () => {
    const server = createServer((socket) => socket.end('220 mail.corp.example ESMTP Secret Subject\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const client = new EwsClient({ url, login: 'svc', password: 'p4ss-w0rd' });
    expect(await errorOf(client.getCalendarFolder(anna))).toMatchObject({ code: 'ews-network' });
    await client.close();
    server.close();
  });

  test('an untrusted certificate names tls.ca as the way out', async () => {
    await using exchange = await CannedExchange.start({}, { tls: true });
    const error = await errorOf(exchange.client().getCalendarFolder(anna));
    expect(error).toMatchObject({ code: 'ews-tls', errorClass: 'config', scope: 'host' });
    expect(error.message).toContain('tls.ca');
    expect(exchange.requests).toEqual([]);
  });

  test('a certificate for another host is told apart', async () => {
    await using exchange = await CannedExchange.start({}, { tls: true });
    const client = exchange.client({ url: exchange.url('localhost'), ca: testCertificate });
    const error = await errorOf(client.getCalendarFolder(anna));
    expect(error).toMatchObject({ code: 'ews-tls' });
    expect(error.message).toContain('another host name');
  });

  test('https to a plain port is told apart', async () => {
    await using exchange = await CannedExchange.start({});
    const client = exchange.client({ url: exchange.url().replace('http:', 'https:') });
    expect(await errorOf(client.getCalendarFolder(anna))).toMatchObject({ code: 'ews-tls' });
  });

  test.each<[string, CannedAnswer]>([
    ['before the headers', {}],
    ['in the middle of the body', { body: '<s:Envelope', hang: true }],
  ])('silence %s ends in a timeout', async (when, answer) => {
    const never = new Promise<CannedAnswer>(() => {});
    await using exchange = await CannedExchange.start(() => (when.includes('headers') ? never : answer));
    const error = await errorOf(exchange.client({ timeoutMs: 200 }).getCalendarFolder(anna));
    expect(error).toMatchObject({ code: 'ews-timeout', errorClass: 'transient' });
  });

  test('an aborted call rejects with the reason of the signal and frees its socket', async () => {
    const asked = Promise.withResolvers<void>();
    await using exchange = await CannedExchange.start((_request, number) => {
      asked.resolve();
      return number === 1 ? new Promise<CannedAnswer>(() => {}) : { status: 500, body: fault('ErrorServerBusy') };
    });
    const client = exchange.client({ connections: 1 });
    const controller = new AbortController();
    const call = client.getCalendarFolder(anna, controller.signal);
    await asked.promise;
    const reason = new Error('stopping');
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    await expect(client.getCalendarFolder(anna, controller.signal)).rejects.toBe(reason);
    expect(await errorOf(client.getCalendarFolder(anna))).toMatchObject({ responseCode: 'ErrorServerBusy' });
  });

  test('closing ends what is under way', async () => {
    const asked = Promise.withResolvers<void>();
    await using exchange = await CannedExchange.start(() => {
      asked.resolve();
      return new Promise<CannedAnswer>(() => {});
    });
    const client = exchange.client();
    const call = errorOf(client.getCalendarFolder(anna));
    await asked.promise;
    await client.close();
    expect(await call).toMatchObject({ code: 'ews-network' });
  });

  test('refusals leave the socket usable', async () => {
    await using exchange = await CannedExchange.start({ status: 401, body: 'x'.repeat(2000) });
    const client = exchange.client({ connections: 1 });
    for (let call = 0; call < 3; call++) await errorOf(client.getCalendarFolder(anna));
    expect(new Set(exchange.requests.map((request) => request.port)).size).toBe(1);
  });
});
