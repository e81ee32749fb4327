import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { EwsClient } from './ews-client.ts';
import { type CannedAnswer, CannedExchange, type SeenRequest } from './testing/canned-exchange.ts';
import { answers, success } from './testing/replies.ts';

const anna = 'anna@corp.example';
const folder = '<m:Folders><t:CalendarFolder><t:FolderId Id="F=" ChangeKey="c"/></t:CalendarFolder></m:Folders>';
const folderReply = answers('GetFolder', success('GetFolder', folder));
const json = { 'content-type': 'application/json' };

function token(value: string, seconds = 3600): CannedAnswer {
  const body = JSON.stringify({ token_type: 'Bearer', access_token: value, expires_in: seconds });
  return { headers: json, body };
}

function clientOf(exchange: CannedExchange, tokens: CannedExchange): EwsClient {
  const tokenUrl = tokens.url().replace('/EWS/Exchange.asmx', '/oauth2/token');
  const scope = 'https://mail.corp.example/.default';
  return exchange.client({ auth: 'oauth', login: 'app', password: 's3cret!&=', oauth: { tokenUrl, scope } });
}

const lets =
  (...good: string[]) =>
  ({ headers }: SeenRequest): CannedAnswer =>
    good.includes(headers.authorization?.replace('Bearer ', '') ?? '')
      ? { body: folderReply }
      : {
          status: 401,
          headers: { 'www-authenticate': 'Bearer client_id="x"', 'x-ms-diagnostics': '2000003;reason="p4ss"' },
        };

describe('BearerTransport', () => {
  test('gets one token for all calls, as the application', async () => {
    await using tokens = await CannedExchange.start(token('one'));
    await using exchange = await CannedExchange.start(lets('one'));
    const client = clientOf(exchange, tokens);
    await Promise.all(Array.from({ length: 10 }, () => client.getCalendarFolder(anna)));
    expect(tokens.requests).toHaveLength(1);
    expect(tokens.requests[0]?.url).toBe('/oauth2/token');
    expect(Object.fromEntries(new URLSearchParams(tokens.requests[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'app',
      client_secret: 's3cret!&=',
      scope: 'https://mail.corp.example/.default',
    });
  });

  test('renews a token before its end, and goes on with it while no new one can be had', async () => {
    await using tokens = await CannedExchange.start((_seen, number) =>
      number === 1 ? token('short', 4) : { status: 500, headers: json, body: '{}' },
    );
    await using exchange = await CannedExchange.start(lets('short'));
    const client = clientOf(exchange, tokens);
    await client.getCalendarFolder(anna);
    await expect
      .poll(
        async () => {
          await client.getCalendarFolder(anna);
          return tokens.requests.length;
        },
        { timeout: 10_000, interval: 50 },
      )
      .toBeGreaterThan(1);
  });

  test('replaces a refused token once, and says why the second one was refused too', async () => {
    await using tokens = await CannedExchange.start((_seen, number) => token(`token-${number}`));
    await using exchange = await CannedExchange.start(lets('token-2'));
    const client = clientOf(exchange, tokens);
    expect(await client.getCalendarFolder(anna)).toMatchObject({ folderId: 'F=' });
    expect([tokens.requests.length, exchange.requests.length]).toEqual([2, 2]);
    await using stricter = await CannedExchange.start(lets());
    const refused = await clientOf(stricter, tokens)
      .getCalendarFolder(anna)
      .catch((error: Error) => error);
    expect(refused).toMatchObject({
      code: 'ews-auth-refused',
      scope: 'account',
      message: expect.stringContaining('check oauth.scope (x-ms-diagnostics 2000003)'),
    });
    expect(stricter.requests).toHaveLength(2);
    expect(inspect(refused, { depth: 9, showHidden: true })).not.toMatch(/s3cret|token-\d|p4ss/);
  });

  test.each([
    [401, '{"error":"invalid_client","error_description":"s3cret!&= is wrong"}', 'ews-auth-refused', 'auth'],
    [400, '{"error":"invalid_scope"}', 'ews-token', 'config'],
    [503, 'busy', 'ews-token', 'throttle'],
    [200, '{}', 'ews-token', 'config'],
    [200, '<html>', 'ews-token', 'config'],
  ])('tells a token endpoint that answers %s %s as %s', async (status, body, code, errorClass) => {
    await using tokens = await CannedExchange.start({ status, headers: json, body });
    await using exchange = await CannedExchange.start(lets('one'));
    const failure = await clientOf(exchange, tokens)
      .getCalendarFolder(anna)
      .catch((error: Error) => error);
    expect(failure).toMatchObject({ code, errorClass, scope: 'account' });
    expect(inspect(failure, { depth: 9, showHidden: true })).not.toContain('s3cret');
    expect(exchange.requests).toHaveLength(0);
  });

  test('names what a server offers that takes no token', async () => {
    await using tokens = await CannedExchange.start(token('one'));
    await using exchange = await CannedExchange.start({ status: 401, headers: { 'www-authenticate': ['NTLM'] } });
    const failure = clientOf(exchange, tokens).getCalendarFolder(anna);
    const message = expect.stringContaining('offers NTLM, not Bearer: set auth to "ntlm"');
    await expect(failure).rejects.toMatchObject({ code: 'ews-auth-unsupported', message });
  });
});
