import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { ExchangeSimulator } from './start-exchange-simulator.ts';
import { control, startCompany } from './testing/fixture.ts';
import { getFolder } from './testing/requests.ts';
import { codes, envelope, post, soap, texts } from './testing/soap-client.ts';

let simulator: ExchangeSimulator;

beforeAll(async () => {
  simulator = await startCompany();
});
afterAll(() => simulator.close());
beforeEach(async () => {
  await control(simulator, 'PATCH', '/settings', { authOffers: ['Basic realm="exchange.simulator"'] });
});

test.each(['anna', 'ANNA', 'CORP\\anna', 'corp\\Anna', 'anna@corp.example'])(
  '%s logs in and reaches its own mailbox',
  async (login) => {
    const reply = await soap(simulator, getFolder(), { as: null, login: `${login}:demo` });
    expect(reply.status).toBe(200);
    expect(texts(reply.text, 'DisplayName')).toEqual(['Calendar']);
  },
);

test.each(['anna:wrong', 'OTHER\\anna:demo', 'unknown:demo', 'anna'])(
  'the login %s is refused with 401',
  async (login) => {
    const reply = await soap(simulator, getFolder(), { as: null, login });
    expect(reply.status).toBe(401);
    expect(reply.headers.get('www-authenticate')).toBe('Basic realm="exchange.simulator"');
  },
);

test('a request without a login is offered what the server is set to offer', async () => {
  await control(simulator, 'PATCH', '/settings', { authOffers: ['Negotiate', 'NTLM'] });
  const bare = await soap(simulator, getFolder(), { login: null });
  expect([bare.status, bare.headers.get('www-authenticate')]).toEqual([401, 'Negotiate, NTLM']);
  const basic = await soap(simulator, getFolder());
  expect(basic.status).toBe(401);
});

test('impersonation reaches exactly the mailboxes of the scope', async () => {
  const as = async (login: string, address: string) => {
    const reply = await soap(simulator, getFolder(), { as: address, login: `${login}:secret` });
    return [reply.status, ...codes(reply)];
  };
  expect(await as('svc', 'anna@corp.example')).toEqual([200, 'NoError']);
  expect(await as('svc', 'A.Adams@corp.example')).toEqual([200, 'NoError']);
  expect(await as('limited', 'boris@corp.example')).toEqual([200, 'NoError']);
  expect(await as('limited', 'anna@corp.example')).toEqual([500, 'ErrorImpersonateUserDenied']);
  expect(await as('nobody', 'anna@corp.example')).toEqual([500, 'ErrorImpersonateUserDenied']);
  expect(await as('svc', 'ghost@corp.example')).toEqual([500, 'ErrorNonExistentMailbox']);
});

test('a primary address that is only an alias is refused', async () => {
  const request = envelope(getFolder(), { as: 'a.adams@corp.example' }).replaceAll('SmtpAddress', 'PrimarySmtpAddress');
  expect(codes(await post(simulator, request))).toEqual(['ErrorNonPrimarySmtpAddress']);
});

test('rights and passwords change at run time', async () => {
  await control(simulator, 'PATCH', '/accounts/nobody', { impersonates: ['chloe@corp.example'], password: 'new' });
  const request = { as: 'chloe@corp.example', login: 'nobody:new' };
  expect((await soap(simulator, getFolder(), request)).status).toBe(200);
  expect((await soap(simulator, getFolder(), { ...request, login: 'nobody:secret' })).status).toBe(401);
  await control(simulator, 'PATCH', '/accounts/nobody', { impersonates: 'none', password: 'secret' });
  expect(codes(await soap(simulator, getFolder(), { ...request, login: 'nobody:secret' }))).toEqual([
    'ErrorImpersonateUserDenied',
  ]);
});

test("another person's calendar needs a delegate's right", async () => {
  const folder =
    '<t:DistinguishedFolderId Id="calendar"><t:Mailbox><t:EmailAddress>chloe@corp.example</t:EmailAddress></t:Mailbox></t:DistinguishedFolderId>';
  const request = { as: null, login: 'anna:demo' };
  expect(codes(await soap(simulator, getFolder(folder), request))).toEqual(['ErrorAccessDenied']);
  await control(simulator, 'POST', '/seed', {
    mailboxes: [{ address: 'chloe@corp.example', delegates: ['anna@corp.example'] }],
  });
  expect(codes(await soap(simulator, getFolder(folder), request))).toEqual(['NoError']);
});

test('an account without a mailbox that impersonates nobody is told what is missing', async () => {
  expect(codes(await soap(simulator, getFolder(), { as: null }))).toEqual(['ErrorMissingEmailAddress']);
});

test.each([
  ['not XML at all', 'hello'],
  ['cut XML', envelope(getFolder()).slice(0, 300)],
  ['a document type', `<!DOCTYPE x [<!ENTITY a "b">]>${envelope(getFolder())}`],
  ['an empty body', envelope('')],
  [
    'SOAP 1.2',
    envelope(getFolder()).replaceAll(
      'http://schemas.xmlsoap.org/soap/envelope/',
      'http://www.w3.org/2003/05/soap-envelope',
    ),
  ],
  ['a wrong order of elements', envelope('<m:GetFolder><m:FolderIds/><m:FolderShape/></m:GetFolder>')],
  ['endless nesting', '<a>'.repeat(5000)],
])('%s is answered with a schema fault', async (_what, text) => {
  const reply = await post(simulator, text);
  expect([reply.status, ...codes(reply)]).toEqual([500, 'ErrorSchemaValidation']);
  expect(texts(reply.text, 'Violation')).toHaveLength(1);
});

test('bytes that are no UTF-8, an unknown operation and an unknown version are faults of their own', async () => {
  expect(codes(await post(simulator, new Uint8Array([0x3c, 0xff, 0xfe])))).toEqual(['ErrorSchemaValidation']);
  expect(codes(await soap(simulator, '<m:PlayMusic/>'))).toEqual(['ErrorInvalidRequest']);
  expect(codes(await soap(simulator, getFolder(), { version: 'V2018_01_08' }))).toEqual(['ErrorInvalidServerVersion']);
});

test('wrong method, content type, path and size are refused by HTTP status', async () => {
  const authorization = `Basic ${Buffer.from('svc:secret').toString('base64')}`;
  expect((await fetch(simulator.ewsUrl, { headers: { authorization } })).status).toBe(405);
  expect(
    (await post(simulator, envelope(getFolder()), { headers: { 'content-type': 'application/json' } })).status,
  ).toBe(415);
  expect((await fetch(simulator.ewsUrl.replace('Exchange.asmx', 'other'))).status).toBe(404);
  await control(simulator, 'PATCH', '/settings', { bodyLimit: 2000 });
  expect((await post(simulator, 'x'.repeat(5000))).status).toBe(413);
  await control(simulator, 'PATCH', '/settings', { bodyLimit: 4_000_000 });
});
