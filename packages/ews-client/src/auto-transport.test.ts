import { expect, test } from 'vitest';
import { AutoTransport } from './auto-transport.ts';
import { BasicTransport } from './basic-transport.ts';
import { discardBody } from './discard-body.ts';
import { HttpConnections } from './http-connections.ts';
import { KerberosTransport } from './kerberos/kerberos-transport.ts';
import { openGate } from './sign-in-gate.ts';
import { CannedExchange } from './testing/canned-exchange.ts';
import { FakeGssapi } from './testing/fake-gssapi.ts';
import { NtlmSockets } from './testing/ntlm-exchange.ts';
import { answers, success } from './testing/replies.ts';

const anna = 'anna@corp.example';
const folder = '<m:Folders><t:CalendarFolder><t:FolderId Id="F=" ChangeKey="c"/></t:CalendarFolder></m:Folders>';
const folderReply = answers('GetFolder', success('GetFolder', folder));
const offering = (...offers: string[]) => ({ status: 401, headers: { 'www-authenticate': offers } });

test('auto asks without a login and takes NTLM before Basic', async () => {
  const sockets = new NtlmSockets();
  await using exchange = await CannedExchange.start((seen, number) =>
    number === 1 ? offering('Negotiate', 'NTLM', 'Basic realm="x"') : sockets.answer(seen, folderReply),
  );
  const client = exchange.client({ auth: 'auto' });
  expect(await client.getCalendarFolder(anna)).toMatchObject({ folderId: 'F=' });
  await client.getCalendarFolder(anna);
  expect(exchange.requests.map(({ headers }) => headers.authorization?.split(' ')[0])).toEqual([
    undefined,
    'NTLM',
    'NTLM',
    undefined,
  ]);
});

test('auto takes Kerberos before all else where there is a keytab, and what comes next where the server does not offer it', async () => {
  let offers = ['Basic realm="x"', 'NTLM', 'Negotiate'];
  await using exchange = await CannedExchange.start(({ headers }) =>
    headers.authorization === undefined ? offering(...offers) : {},
  );
  const url = new URL(exchange.url());
  const sockets = new HttpConnections({ url, trust: {}, connections: 1 });
  const names = { principal: 'svc@CORP.EXAMPLE', keytab: '/k', service: 'HTTP/mail.corp.example' };
  const kerberos = new KerberosTransport(sockets, new FakeGssapi(), { names, gate: openGate, connections: 1 });
  const basic = new BasicTransport(sockets, { login: 'svc', password: 'p4ss-w0rd', gate: openGate });
  const schemes = async () => {
    exchange.requests.length = 0;
    const auto = new AutoTransport(sockets, [
      ['Negotiate', kerberos],
      ['Basic', basic],
    ]);
    const place = { host: 'h', mailbox: anna, operation: 'GetFolder' };
    const { body } = await auto.post({ body: '', headers: {}, signal: new AbortController().signal, place });
    await discardBody(body);
    return exchange.requests.map(({ headers }) => headers.authorization?.split(' ')[0]);
  };
  expect(await schemes()).toEqual([undefined, 'Negotiate']);
  offers = ['Basic realm="x"'];
  expect(await schemes()).toEqual([undefined, 'Basic']);
  await sockets.close();
});

test('auto takes Basic where there is nothing stronger, and asks again when the server was set up anew', async () => {
  let basic = true;
  const sockets = new NtlmSockets();
  await using exchange = await CannedExchange.start((seen) => {
    const scheme = seen.headers.authorization?.split(' ')[0];
    if (basic) return scheme === 'Basic' ? { body: folderReply } : offering('Basic realm="x"');
    return scheme === 'Basic' || (scheme === undefined && seen.body === '')
      ? offering('NTLM')
      : sockets.answer(seen, folderReply);
  });
  const client = exchange.client({ auth: 'auto' });
  await client.getCalendarFolder(anna);
  await client.getCalendarFolder(anna);
  expect(exchange.requests).toHaveLength(3);
  basic = false;
  await expect(client.getCalendarFolder(anna)).rejects.toMatchObject({ code: 'ews-auth-unsupported' });
  expect(await client.getCalendarFolder(anna)).toMatchObject({ folderId: 'F=' });
});

test.each([
  [['Negotiate'], /offers Negotiate; "auto" takes NTLM or Basic: .*give the provider a "kerberos" section/],
  [['Bearer client_id="x"'], /set auth to "oauth"/],
])('auto sends no password to a server that offers %j', async (offers, message) => {
  await using exchange = await CannedExchange.start(offering(...offers));
  const failure = exchange.client({ auth: 'auto' }).getCalendarFolder(anna);
  const expected = { code: 'ews-auth-unsupported', scope: 'host', message: expect.stringMatching(message) };
  await expect(failure).rejects.toMatchObject(expected);
  expect(exchange.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
});

test('auto takes a 401 without an offer for a passing fault, and hands on what comes instead of a 401', async () => {
  await using exchange = await CannedExchange.start((_seen, number) => ({ status: number === 1 ? 401 : 503 }));
  const client = exchange.client({ auth: 'auto' });
  await expect(client.getCalendarFolder(anna)).rejects.toMatchObject({ code: 'ews-http', errorClass: 'transient' });
  await expect(client.getCalendarFolder(anna)).rejects.toMatchObject({ code: 'ews-http', errorClass: 'throttle' });
});
