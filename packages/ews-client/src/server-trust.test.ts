import { createHash, X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readPin } from './server-trust.ts';
import { CannedExchange } from './testing/canned-exchange.ts';
import { answers, success } from './testing/replies.ts';
import { testCertificate } from './testing/test-certificate.ts';

const anna = 'anna@corp.example';
const folder = '<m:Folders><t:CalendarFolder><t:FolderId Id="F=" ChangeKey="c"/></t:CalendarFolder></m:Folders>';
const folderReply = answers('GetFolder', success('GetFolder', folder));
const certificate = new X509Certificate(testCertificate);
const keyPin = createHash('sha256')
  .update(certificate.publicKey.export({ type: 'spki', format: 'der' }))
  .digest('base64');
const other = 'ab'.repeat(32);

describe('the trust in a server', () => {
  test.each([
    ['its certificate, as openssl prints it', [certificate.fingerprint256]],
    ['its public key, as curl takes it', [`sha256//${keyPin}`]],
    ['one of several', [other, keyPin]],
  ])('lets a trusted server pass that is pinned by %s', async (_what, pins) => {
    await using exchange = await CannedExchange.start({ body: folderReply }, { tls: true });
    const client = exchange.client({ ca: testCertificate, pins });
    expect(await client.getCalendarFolder(anna)).toMatchObject({ folderId: 'F=' });
  });

  test('refuses a trusted server that is not the pinned one, before anything is sent, and names what it showed', async () => {
    await using exchange = await CannedExchange.start({ body: folderReply }, { tls: true });
    const failure = exchange.client({ ca: testCertificate, pins: [other] }).getCalendarFolder(anna);
    const found = certificate.fingerprint256.replaceAll(':', '').toLowerCase();
    const message = expect.stringContaining(`none of tls.pins: its SHA-256 is ${found}`);
    await expect(failure).rejects.toMatchObject({ code: 'ews-tls', errorClass: 'config', scope: 'host', message });
    expect(exchange.requests).toHaveLength(0);
  });

  test('a pin does not make an untrusted certificate good', async () => {
    await using exchange = await CannedExchange.start({ body: folderReply }, { tls: true });
    const failure = exchange.client({ pins: [certificate.fingerprint256] }).getCalendarFolder(anna);
    const message = expect.stringContaining('not trusted');
    await expect(failure).rejects.toMatchObject({ code: 'ews-tls', message });
  });

  test('an authority given for one server is nothing to the others', async () => {
    await using exchange = await CannedExchange.start({ body: folderReply }, { tls: true });
    const [with_, without] = [exchange.client({ ca: testCertificate }), exchange.client()];
    await with_.getCalendarFolder(anna);
    await expect(without.getCalendarFolder(anna)).rejects.toMatchObject({ code: 'ews-tls' });
    await with_.getCalendarFolder(anna);
  });

  test('an old TLS is refused, and taken only when it is asked for', async () => {
    const old = { maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await using exchange = await CannedExchange.start({ body: folderReply }, { tls: old });
    const message = expect.stringMatching(/no TLS from tls\.minVersion on/);
    const failure = exchange.client({ ca: testCertificate }).getCalendarFolder(anna);
    await expect(failure).rejects.toMatchObject({ code: 'ews-tls', message });
    const client = exchange.client({ ca: testCertificate, minTlsVersion: 'TLSv1.1' });
    expect(await client.getCalendarFolder(anna)).toMatchObject({ folderId: 'F=' });
  });
});

test.each(['', 'ab', `${other}0`, 'sha1:abcd', 'A'.repeat(44)])('%j is no pin', (text) => {
  expect(readPin(text)).toBeNull();
});
