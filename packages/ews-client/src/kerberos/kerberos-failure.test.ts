import { expect, test } from 'vitest';
import { gssapiFailure } from '../testing/fake-gssapi.ts';
import { kerberosError } from './kerberos-failure.ts';

const place = { host: 'mail.corp.example', mailbox: 'anna@corp.example', operation: 'GetFolder' };
const names = {
  principal: 'svc@CORP.EXAMPLE',
  keytab: '/etc/k.keytab',
  service: 'HTTP/mail.corp.example@CORP.EXAMPLE',
};
const aes = ['aes256-cts-hmac-sha1-96'];

test.each([
  ['KRB5KRB_AP_ERR_SKEW', 'ticket', [], 'ews-kerberos-clock', 'config', /this machine and of the KDC/],
  ['KRB5_KDCREP_SKEW', 'ticket', [], 'ews-kerberos-clock', 'config', /NTP/],
  ['KRB5KRB_AP_ERR_SKEW', 'context', [], 'ews-kerberos-clock', 'config', /this machine and of Exchange/],
  ['KRB5KRB_AP_ERR_TKT_EXPIRED', 'context', [], 'ews-kerberos-clock', 'config', /clocks/],
  ['KRB5KRB_AP_ERR_TKT_NYV', 'context', [], 'ews-kerberos-clock', 'config', /clocks/],
  [
    'KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN',
    'service',
    [],
    'ews-kerberos-service',
    'config',
    /setspn -Q HTTP\/mail\.corp\.example"/,
  ],
  ['KRB5KDC_ERR_PRINCIPAL_NOT_UNIQUE', 'service', [], 'ews-kerberos-service', 'config', /twice/],
  ['KRB5KDC_ERR_ETYPE_NOSUPP', 'ticket', aes, 'ews-kerberos-encryption', 'config', /k\.keytab holds aes256/],
  ['KRB5KDC_ERR_ETYPE_NOSUPP', 'service', [], 'ews-kerberos-encryption', 'config', /for the service HTTP/],
  ['KRB5_KT_NOTFOUND', 'ticket', aes, 'ews-kerberos-encryption', 'config', /another encryption type/],
  ['KRB5_PREAUTH_FAILED', 'ticket', aes, 'ews-kerberos-encryption', 'config', /another encryption type/],
  ['KRB5_KT_NOTFOUND', 'ticket', [], 'ews-kerberos-keytab', 'config', /holds no key for svc@CORP\.EXAMPLE/],
  ['ENOENT', 'ticket', [], 'ews-kerberos-keytab', 'config', /cannot be read \(ENOENT\)/],
  ['EACCES', 'ticket', [], 'ews-kerberos-keytab', 'config', /owner and mode/],
  ['KRB5KDC_ERR_PREAUTH_FAILED', 'ticket', aes, 'ews-auth-refused', 'auth', /make it again/],
  ['KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN', 'ticket', aes, 'ews-auth-refused', 'auth', /kerberos\.principal/],
  ['KRB5KDC_ERR_CLIENT_REVOKED', 'ticket', aes, 'ews-auth-refused', 'auth', /locked/],
  ['KRB5KDC_ERR_KEY_EXP', 'ticket', aes, 'ews-auth-refused', 'auth', /never expire/],
  ['KRB5_CONFIG_NODEFREALM', 'ticket', [], 'ews-kerberos-setup', 'config', /krb5\.conf/],
  ['KRB5_KDC_UNREACH', 'ticket', aes, 'ews-kerberos-kdc', 'transient', /port 88/],
  ['KRB5_REALM_UNKNOWN', 'service', [], 'ews-kerberos-kdc', 'transient', /DNS/],
  ['', 'service', [], 'ews-kerberos', 'config', /the library’s own words/],
] as const)('%s at the stage %s with the keys %j becomes %s', (symbol, stage, keys, code, errorClass, message) => {
  const scope = errorClass === 'transient' ? 'host' : 'account';
  const error = kerberosError(gssapiFailure(symbol, { stage, keys }), names, place);
  expect(error).toMatchObject({ code, errorClass, scope, message: expect.stringMatching(message) });
  expect(error.message).toMatch(/\(host mail\.corp\.example, mailbox anna@corp\.example, operation GetFolder\)$/);
});
