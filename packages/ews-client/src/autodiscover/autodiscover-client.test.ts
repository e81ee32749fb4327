import fc from 'fast-check';
import { SaxesParser } from 'saxes';
import { describe, expect, test } from 'vitest';
import { type CannedAnswer, CannedExchange, type SeenRequest } from '../testing/canned-exchange.ts';
import { NtlmSockets } from '../testing/ntlm-exchange.ts';
import { AutodiscoverClient, autodiscoverUrl } from './autodiscover-client.ts';

const namespace = 'http://schemas.microsoft.com/exchange/2010/Autodiscover';
const xml = { 'content-type': 'text/xml; charset=utf-8' };
const ews = 'https://mail.corp.example/EWS/Exchange.asmx';

function envelope(content: string): CannedAnswer {
  const soap = 'xmlns:q="http://schemas.xmlsoap.org/soap/envelope/"';
  const body = `<q:Envelope ${soap}><q:Body><GetUserSettingsResponseMessage xmlns="${namespace}">${content}</GetUserSettingsResponseMessage></q:Body></q:Envelope>`;
  return { headers: xml, body };
}

const response = (users: string, code = 'NoError') =>
  envelope(`<Response><ErrorCode>${code}</ErrorCode><UserResponses>${users}</UserResponses></Response>`);
const setting = (name: string, value: string) =>
  `<UserSetting xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="StringSetting"><Name>${name}</Name><Value>${value}</Value></UserSetting>`;
const user = (settings: string, code = 'NoError', redirect = '') =>
  `<UserResponse><ErrorCode>${code}</ErrorCode><ErrorMessage/><RedirectTarget>${redirect}</RedirectTarget><UserSettings>${settings}</UserSettings></UserResponse>`;
const asked = ({ body }: SeenRequest) =>
  [...body.matchAll(/<a:Mailbox>([^<]*)<\/a:Mailbox>/g)].map((found) => found[1]);
const knowsAll = (seen: SeenRequest) =>
  response(
    asked(seen)
      .map((name) => user(setting('GroupingInformation', `of ${name}`)))
      .join(''),
  );

/** The texts in a request's header by namespace and name; throws when it is not well-formed. */
function headerOf(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  const open: string[] = [];
  const parser = new SaxesParser({ xmlns: true });
  parser.on('opentag', ({ uri, local }) => open.push(`${uri} ${local}`));
  parser.on('text', (content) => {
    if (open[1]?.endsWith(' Header') === true) found[open.at(-1) ?? ''] = content;
  });
  parser.on('closetag', () => open.pop());
  parser.write(text).close();
  return found;
}

function clientOf(exchange: CannedExchange, more = {}): AutodiscoverClient {
  const url = autodiscoverUrl(exchange.url());
  return new AutodiscoverClient({ url, auth: 'basic', login: 'svc', password: 'p4ss-w0rd', ...more });
}

/** What one answer about one user reads as. */
async function placeFrom(answer: CannedAnswer) {
  await using exchange = await CannedExchange.start(answer);
  const client = clientOf(exchange);
  try {
    return (await client.userPlaces(['anna@corp.example']))[0];
  } finally {
    await client.close();
  }
}

describe('autodiscoverUrl', () => {
  test('keeps host and port of the EWS address', () => {
    expect(autodiscoverUrl('https://mail.corp.example:8443/EWS/Exchange.asmx')).toBe(
      'https://mail.corp.example:8443/autodiscover/autodiscover.svc',
    );
  });
});

describe('AutodiscoverClient', () => {
  test('asks for many users in calls of ninety, as MS-OXWSADISC has it, and answers in their order', async () => {
    await using exchange = await CannedExchange.start(knowsAll);
    const client = clientOf(exchange);
    const users = Array.from({ length: 200 }, (_, n) => `user${n}@corp.example`);
    const places = await client.userPlaces(users);
    expect(places.map((place) => place.kind === 'place' && place.grouping)).toEqual(users.map((name) => `of ${name}`));
    expect(exchange.requests.map((seen) => asked(seen).length)).toEqual([90, 90, 20]);
    const [{ url, headers, body }] = exchange.requests as [SeenRequest];
    expect(url).toBe('/autodiscover/autodiscover.svc');
    expect(headers.authorization).toMatch(/^Basic /);
    expect(headerOf(body)).toEqual({
      [`${namespace} RequestedServerVersion`]: 'Exchange2013_SP1',
      'http://www.w3.org/2005/08/addressing Action': `${namespace}/Autodiscover/GetUserSettings`,
      'http://www.w3.org/2005/08/addressing To': autodiscoverUrl(exchange.url()),
    });
    expect(body).toMatch(/<a:Setting>ExternalEwsUrl<\/a:Setting>.*<a:Setting>GroupingInformation<\/a:Setting>/s);
    await client.close();
  });

  test('reads addresses and grouping, whatever else comes and in whatever order', async () => {
    const settings =
      setting('CasVersion', '15') + setting('GroupingInformation', 'DAG1') + setting('InternalEwsUrl', ews);
    expect(await placeFrom(response(user(settings)))).toEqual({
      kind: 'place',
      externalEwsUrl: null,
      internalEwsUrl: ews,
      grouping: 'DAG1',
    });
  });

  test.each([
    ['RedirectAddress', 'anna@new.example', { kind: 'redirect', to: 'address', target: 'anna@new.example' }],
    ['RedirectUrl', 'https://x.example/a.svc', { kind: 'redirect', to: 'url', target: 'https://x.example/a.svc' }],
    ['InvalidUser', '', { kind: 'unknown', code: 'InvalidUser' }],
    ['p4ss w0rd', '', { kind: 'unknown', code: 'unreadable' }],
  ])('tells %s and follows nothing', async (code, target, expected) => {
    expect(await placeFrom(response(user('', code, target)))).toEqual(expected);
  });

  test.each([
    'file:///etc/passwd',
    'https://svc:secret@mail.corp.example/EWS',
    'mail.corp.example',
    `https://mail.corp.example/${'x'.repeat(10_000)}`,
  ])('takes no address from %.40s', async (url) => {
    const place = await placeFrom(response(user(setting('ExternalEwsUrl', url))));
    expect(place).toMatchObject({ kind: 'place', externalEwsUrl: null });
  });

  test.each<[string, CannedAnswer, object]>([
    ['an error of the whole answer', response('', 'ServerBusy'), { code: 'ews-response', errorClass: 'throttle' }],
    ['a request that it does not take', response('', 'InvalidRequest'), { code: 'ews-response', errorClass: 'config' }],
    ['too few answers', response(''), { code: 'ews-bad-reply', errorClass: 'config' }],
    ['an answer to something else', envelope('<Nothing/>'), { code: 'ews-bad-reply', errorClass: 'config' }],
    ['no such service', { status: 404, body: '' }, { code: 'ews-http', errorClass: 'config', httpStatus: 404 }],
    [
      'a redirect',
      { status: 302, headers: { location: 'https://x.example/' } },
      { code: 'ews-http', errorClass: 'config' },
    ],
    [
      'a page',
      { headers: { 'content-type': 'text/html' }, body: '<html/>' },
      { code: 'ews-http', errorClass: 'config' },
    ],
    ['an overload', { status: 503, headers: { 'retry-after': '7' } }, { errorClass: 'throttle', backOffMs: 7_000 }],
    ['an empty body', { headers: xml, body: '' }, { code: 'ews-bad-reply', errorClass: 'transient' }],
    ['a broken body', { headers: xml, body: '<q:Env' }, { code: 'ews-bad-reply', errorClass: 'transient' }],
    ['a refused login', { status: 401, headers: { 'www-authenticate': 'Basic' } }, { code: 'ews-auth-refused' }],
  ])('fails with a cause at %s', async (_what, answer, expected) => {
    await expect(placeFrom(answer)).rejects.toMatchObject(expected);
  });

  test('signs in with NTLM as EWS does', async () => {
    const sockets = new NtlmSockets();
    await using exchange = await CannedExchange.start((seen) => {
      const answer = sockets.answer(seen, '');
      return answer.status === undefined || answer.status === 200 ? { ...answer, ...knowsAll(seen) } : answer;
    });
    const client = clientOf(exchange, { auth: 'ntlm', login: 'CORP\\svc', connections: 1 });
    expect(await client.userPlaces(['anna@corp.example'])).toMatchObject([{ grouping: 'of anna@corp.example' }]);
    expect(sockets.logins).toBe(1);
    await client.close();
  });

  test('ends with its signal, and in time', async () => {
    await using exchange = await CannedExchange.start(() => new Promise(() => undefined));
    const client = clientOf(exchange, { timeoutMs: 50 });
    await expect(client.userPlaces(['anna@corp.example'])).rejects.toMatchObject({ code: 'ews-timeout' });
    const aborter = new AbortController();
    const given = client.userPlaces(['anna@corp.example'], aborter.signal);
    aborter.abort(new Error('given up'));
    await expect(given).rejects.toThrow('given up');
    await client.close();
  });

  test('writes any address so that it is read as it was', async () => {
    await using exchange = await CannedExchange.start((seen) => {
      const users = asked(seen).map(() => user(''));
      return response(users.join(''));
    });
    const client = clientOf(exchange);
    const unescaped = (text: string) =>
      text
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&quot;', '"')
        .replaceAll('&apos;', "'")
        .replaceAll('&amp;', '&');
    const address = fc.string({ unit: fc.constantFrom(...'aä<>&"\'@.]['), minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(fc.array(address, { minLength: 1, maxLength: 5 }), async (users) => {
        await client.userPlaces(users);
        const seen = exchange.requests.at(-1) as SeenRequest;
        expect(asked(seen).map((text) => unescaped(text ?? ''))).toEqual(users);
      }),
      { numRuns: 50 },
    );
    await client.close();
  });
});
