import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { EwsClientOptions } from './client-options.ts';
import { EwsClient } from './ews-client.ts';
import { testCertificate } from './testing/test-certificate.ts';

const good: EwsClientOptions = { url: 'https://mail.corp.example/EWS/Exchange.asmx', login: 'svc', password: 'p4ss' };

describe('EwsClient options', () => {
  test.each<[string, Partial<EwsClientOptions>]>([
    ['url', { url: 'mail.corp.example' }],
    ['url', { url: 'ftp://mail.corp.example' }],
    ['url', { url: 'https://svc:p4ss@mail.corp.example/EWS/Exchange.asmx' }],
    ['login', { login: '' }],
    ['login', { login: 'a:b' }],
    ['password', { password: '' }],
    ['password', { password: 'p4ss\n' }],
    ['login', { login: undefined, password: undefined }],
    ['kerberos', { auth: 'kerberos' }],
    ['kerberos', { auth: 'kerberos', kerberos: { principal: 'p4ss p4ss', keytab: '/k' } }],
    ['kerberos', { auth: 'kerberos', kerberos: { principal: 'a@b@p4ss', keytab: '/k' } }],
    ['kerberos', { auth: 'kerberos', kerberos: { principal: 'svc@CORP', keytab: '' } }],
    ['kerberos', { auth: 'auto', kerberos: { principal: 'svc@CORP', keytab: '/k', service: 'p4ss@host' } }],
    ['ca', { ca: 'no certificate' }],
    ['ca', { ca: '-----BEGIN CERTIFICATE-----\np4ss\n-----END CERTIFICATE-----' }],
    ['timeoutMs', { timeoutMs: 0 }],
    ['connections', { connections: 1.5 }],
    ['userAgent', { userAgent: 'a\r\nb: c' }],
  ])('a wrong %s is named without its value', (option, wrong) => {
    const construct = () => new EwsClient({ ...good, ...wrong });
    expect(construct).toThrow(expect.objectContaining({ code: 'ews-bad-options', option }));
    try {
      construct();
    } catch (failure) {
      expect(inspect(failure)).not.toContain('p4ss');
    }
  });

  test('a client opens nothing until it is called, and shows no password', async () => {
    const client = new EwsClient({ ...good, ca: testCertificate });
    expect(inspect(client, { depth: 10, showHidden: true })).not.toMatch(/p4ss|Basic /);
    await client.close();
  });
});
