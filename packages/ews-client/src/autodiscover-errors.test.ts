import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { type EwsClientOptions, EwsError, type SignInGate } from './index.ts';
import { askedAddresses, envelopeOf, placesFor, userSettingsReply } from './testing/autodiscover-replies.ts';
import { type CannedAnswer, CannedExchange } from './testing/canned-exchange.ts';
import { answers, fault } from './testing/replies.ts';

const anna = 'anna@corp.example';
const html = { 'content-type': 'text/html; charset=utf-8' };
const seen: EwsError[] = [];

async function errorOf(call: Promise<unknown>): Promise<EwsError> {
  const outcome = await call.then(
    () => undefined,
    (failed: unknown) => failed,
  );
  if (!(outcome instanceof EwsError)) throw new Error(`no EwsError but ${inspect(outcome)}`);
  seen.push(outcome);
  return outcome;
}

/** The error that a question about two users ends with. */
async function errorFor(answer: CannedAnswer, options: Partial<EwsClientOptions> = {}): Promise<EwsError> {
  await using exchange = await CannedExchange.start(answer);
  return await errorOf(exchange.autodiscoverClient(options).userSettings([anna, 'boris@corp.example']));
}

afterEach(() => {
  for (const error of seen.splice(0)) {
    const everything = inspect(error, { depth: 20, showHidden: true }) + JSON.stringify(error) + error.stack;
    expect(everything).not.toMatch(/p4ss-w0rd|authorization|Secret Subject|corp\.example/i);
    expect(error.message).toMatch(/\(host 127\.0\.0\.1:\d+, operation GetUserSettings\)$/);
    expect(error.mailbox).toBeNull();
    expect(error.scope).toMatch(/^(host|account)$/);
  }
});

describe('a call fails as a whole', () => {
  test.each([
    ['ServerBusy', 'throttle'],
    ['InternalServerError', 'transient'],
    ['InvalidRequest', 'config'],
    ['InvalidSetting', 'config'],
    ['NotFederated', 'config'],
    ['NobodyForesawThis', 'unknown'],
  ])('when its reply says %s: %s', async (code, errorClass) => {
    const wanted = { code: 'ews-response', responseCode: code, errorClass, scope: 'host' };
    expect(await errorFor({ body: userSettingsReply([{}, {}], code) })).toMatchObject(wanted);
    expect(await errorFor({ body: userSettingsReply([], code) })).toMatchObject(wanted);
  });

  test('when its reply is a SOAP fault', async () => {
    const wanted = { code: 'ews-response', responseCode: 'ErrorServerBusy', errorClass: 'throttle', scope: 'host' };
    expect(await errorFor({ status: 500, body: fault('ErrorServerBusy') })).toMatchObject(wanted);
    expect(await errorFor({ body: fault('ErrorServerBusy') })).toMatchObject(wanted);
    const bare =
      '<s:Fault><faultcode>s:InternalServiceFault</faultcode><faultstring>Secret Subject</faultstring></s:Fault>';
    expect(await errorFor({ status: 500, body: envelopeOf(bare) })).toMatchObject({
      code: 'ews-response',
      responseCode: 'InternalServiceFault',
      errorClass: 'unknown',
    });
  });

  test.each<[number, string, RegExp]>([
    [403, 'config', /Autodiscover may be closed/],
    [404, 'config', /no Autodiscover at this address/],
    [405, 'config', /no Autodiscover at this address/],
    [429, 'throttle', /hold further calls/],
    [500, 'transient', /try again later/],
    [503, 'throttle', /hold further calls/],
  ])('for HTTP %d: %s', async (status, errorClass, message) => {
    const wanted = { code: 'ews-http', httpStatus: status, errorClass, scope: 'host' };
    const error = await errorFor({ status, headers: { ...html, 'retry-after': '7' }, body: '<html>Secret Subject' });
    expect(error).toMatchObject({ ...wanted, backOffMs: 7000, message: expect.stringMatching(message) });
    expect(await errorFor({ status })).toMatchObject(wanted);
  });

  test('for a redirect, which is not followed', async () => {
    await using exchange = await CannedExchange.start(({ url }) => ({
      status: 302,
      headers: { location: `${url}/other` },
    }));
    const error = await errorOf(exchange.autodiscoverClient().userSettings([anna]));
    expect(error).toMatchObject({ code: 'ews-http', httpStatus: 302, errorClass: 'config' });
    expect(error.message).toContain('put the address of Autodiscover itself into the URL');
    expect(exchange.requests).toHaveLength(1);
  });

  test('for a login page', async () => {
    const error = await errorFor({ headers: html, body: '<html>Secret Subject</html>' });
    expect(error).toMatchObject({ code: 'ews-http', errorClass: 'config', httpStatus: 200 });
  });

  test.each<[string, string]>([
    ['nothing', ''],
    ['broken XML', '<s:Envelope>'],
    ['an empty body', envelopeOf('')],
    ['an answer of EWS', answers('GetUserSettings')],
    ['an answer of another namespace', envelopeOf('<GetUserSettingsResponseMessage/>')],
    ['answers about more users', userSettingsReply([{}, {}, {}])],
  ])('for %s', async (_what, body) => {
    expect(await errorFor({ body })).toMatchObject({ code: 'ews-bad-reply', errorClass: 'transient' });
  });

  test.each([0, 1])(
    'when it is about %d users of two: a busy server left some out, and nobody knows whom',
    async (n) => {
      const body = userSettingsReply(Array.from({ length: n }, () => ({})));
      expect(await errorFor({ body })).toMatchObject({ code: 'ews-bad-reply', errorClass: 'throttle' });
    },
  );

  test.each([
    ['one URL of 10 MB', 10, 0],
    ['two of 3 MB', 3, 3],
  ])('for %s', async (_what, ...megabytes) => {
    const users = megabytes.map((n) => ({ settings: { ExternalEwsUrl: `https://x/${'x'.repeat(n * 1_000_000)}` } }));
    expect(await errorFor({ body: userSettingsReply(users) })).toMatchObject({
      code: 'ews-bad-reply',
      errorClass: 'size',
    });
  });

  test('for a login that is refused, which the gate is told', async () => {
    const verdicts: string[] = [];
    const note = (verdict: string) => async () => void verdicts.push(verdict);
    const gate: SignInGate = {
      enter: async () => ({
        accepted: () => void verdicts.push('accepted'),
        refused: note('refused'),
        unanswered: note('unanswered'),
      }),
    };
    const headers = { 'www-authenticate': 'Basic realm="x"' };
    const error = await errorFor({ status: 401, headers }, { gate });
    expect(error).toMatchObject({ code: 'ews-auth-refused', errorClass: 'auth', scope: 'account' });
    expect(verdicts).toEqual(['refused']);
    const other = await errorFor({ status: 401, headers: { 'www-authenticate': 'Negotiate' } }, { auth: 'auto' });
    expect(other).toMatchObject({ code: 'ews-auth-unsupported', errorClass: 'config', scope: 'host' });
    expect(other.message).toContain('on the Autodiscover virtual directory');
  });

  test('when one of its calls fails: nothing is known of anybody', async () => {
    await using exchange = await CannedExchange.start(({ body }, number) =>
      number === 2 ? { status: 503 } : placesFor(body, () => ({})),
    );
    const addresses = Array.from({ length: 200 }, (_, n) => `user${n}@corp.example`);
    const error = await errorOf(exchange.autodiscoverClient().userSettings(addresses));
    expect(error).toMatchObject({ code: 'ews-http', httpStatus: 503 });
    expect(exchange.requests).toHaveLength(2);
  });

  test('before it is made, when a text is no address', async () => {
    await using exchange = await CannedExchange.start({});
    const call = exchange.autodiscoverClient().userSettings([anna, 'CORP\\Secret Subject']);
    const error = await errorOf(call);
    expect(error).toMatchObject({ code: 'ews-bad-request', errorClass: 'config' });
    expect(error.message).toContain('address 2 of 2 is no mailbox address');
    expect(exchange.requests).toEqual([]);
  });
});

describe('time', () => {
  test.each<[string, CannedAnswer | Promise<CannedAnswer>]>([
    ['before the headers', new Promise<CannedAnswer>(() => {})],
    ['in the middle of the body', { body: '<s:Envelope', hang: true }],
  ])('silence %s ends in a timeout', async (_when, answer) => {
    await using exchange = await CannedExchange.start(() => answer);
    const error = await errorOf(exchange.autodiscoverClient({ timeoutMs: 200 }).userSettings([anna]));
    expect(error).toMatchObject({ code: 'ews-timeout', errorClass: 'transient', scope: 'host' });
  });

  test('an aborted question rejects with the reason of the signal, and asks nothing more', async () => {
    const controller = new AbortController();
    const reason = new Error('stopping');
    await using exchange = await CannedExchange.start(({ body }, number) => {
      if (number === 1) return placesFor(body, () => ({}));
      controller.abort(reason);
      return new Promise<CannedAnswer>(() => {});
    });
    const client = exchange.autodiscoverClient();
    const addresses = Array.from({ length: 200 }, (_, n) => `user${n}@corp.example`);
    await expect(client.userSettings(addresses, controller.signal)).rejects.toBe(reason);
    await expect(client.userSettings([anna], controller.signal)).rejects.toBe(reason);
    expect(exchange.requests.map(({ body }) => askedAddresses(body).length)).toEqual([90, 90]);
  });
});
