import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLegacyName, isSmtpAddress } from './address.ts';
import { writtenAddress } from './written-address.ts';

describe('writtenAddress', () => {
  it.each([
    '\u200bboris@corp.example',
    'boris@corp.example;',
    'boris@corp.example.',
    'boris@corp.example ; ',
    ';boris@corp.example',
    'bo\u00adris@corp.example',
    'boris@corp\u200d.example\ufeff',
    '\u202aboris@corp.example\u202c',
    'boris@corp.example\r\n',
    'Boris Levin <boris@corp.example>',
    'Levin, Boris <Boris@Corp.Example>;',
    '"Levin, Boris" <boris@corp.example>',
    'Борис Левин <boris@corp.example>',
    'Boris <Sales> <boris@corp.example>',
    'boris@old.example <boris@corp.example>',
    "'boris@corp.example'",
    '"boris@corp.example"',
    '‘boris@corp.example’',
    '„boris@corp.example“',
    '«boris@corp.example»',
    "<'boris@corp.example'>",
    "'<boris@corp.example>'",
    'boris@corp.example <Boris Levin>',
    'sip:boris@corp.example',
    'SIP:boris@corp.example;transport=tls',
    'sips:boris@corp.example:5061',
    'acct:boris@corp.example',
    'im:boris@corp.example',
    'mailto:boris@corp.example?subject=Review',
    'Boris <sip:boris@corp.example>',
    'Boris <mailto:boris@corp.example>',
    'SMTP:boris@corp.example',
    'IMCEASMTP-boris+40corp+2Eexample@corp.example',
    'IMCEAINVALID-boris+40corp+2Eexample+3B@corp.example',
  ])('means one person by %j', (text) => {
    expect(writtenAddress(text)).toBe('boris@corp.example');
  });

  it.each([
    ['boris@xn--e1afmkfd.example', 'boris@пример.example'],
    ['boris@ПРИМЕР.example', 'boris@пример.example'],
    ['boris@XN--E1AFMKFD.example', 'boris@пример.example'],
    ['boris@bücher.example', 'boris@bücher.example'],
    ['boris@bu\u0308cher.example', 'boris@bücher.example'],
    ['boris@xn--bcher-kva.example', 'boris@bücher.example'],
    ['boris@пример。example', 'boris@пример.example'],
    ['почта@пример.рф', 'почта@пример.рф'],
    ['почта@xn--e1afmkfd.xn--p1ai', 'почта@пример.рф'],
  ])('means the same internationalized domain by %s', (text, address) => {
    expect(writtenAddress(text)).toBe(address);
  });

  it.each([
    ['/O=CORP/OU=X/CN=RECIPIENTS/CN=BORIS', '/o=corp/ou=x/cn=recipients/cn=boris'],
    ['IMCEAEX-_O=CORP_OU=X_CN=RECIPIENTS_CN=boris@corp.example', '/o=corp/ou=x/cn=recipients/cn=boris'],
    [
      'IMCEAEX-_O=CORP_OU=EXCHANGE+20ADMINISTRATIVE+20GROUP+20+28FYDIBOHF23SPDLT+29_CN=RECIPIENTS_CN=boris@corp.example',
      '/o=corp/ou=exchange administrative group (fydibohf23spdlt)/cn=recipients/cn=boris',
    ],
    ['Boris <IMCEAEX-_o=corp_ou=x_cn=boris+5Flevin@corp.example>', '/o=corp/ou=x/cn=boris_levin'],
    ['imceaex-_o=corp_cn=+D0+B1@corp.example', '/o=corp/cn=б'],
  ])('means a name of the directory by %s', (text, name) => {
    expect(writtenAddress(text)).toBe(name);
  });

  it.each([
    '',
    'Boris Levin',
    'Boris <>',
    'boris',
    'boris@',
    '@corp.example',
    'boris@corp.example, anna@corp.example',
    'boris@corp.example; anna@corp.example',
    'tel:+4930123456',
    'sip:+4930123456',
    'IMCEAEX-_x@corp.example',
    'IMCEAEX-_O=corp+FF@corp.example',
    'IMCEAFAX-Boris+40+2B4930@corp.example',
    `${'x'.repeat(3_000)} <boris@corp.example>`,
  ])('means nobody, or not one alone, by %j', (text) => {
    expect(writtenAddress(text)).toBeNull();
  });

  it('gives for any text an address, a legacy name or nothing, and the same for its own result', () => {
    const pieces = fc.constantFrom(
      'smtp:',
      'sip:',
      '<',
      '>',
      "'",
      '"',
      ';',
      '.',
      ' ',
      '\u200b',
      'IMCEAEX-',
      '_o=',
      '+40',
      '@',
      'xn--',
      'ß',
      'İ',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string({ unit: 'binary' })), { maxLength: 12 }), (parts) => {
        const found = writtenAddress(parts.join(''));
        if (found === null) return;
        expect(isSmtpAddress(found) || isLegacyName(found)).toBe(true);
        expect(writtenAddress(found)).toBe(found);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes no longer for long runs of what stands around addresses', () => {
    expect(writtenAddress(`${"'".repeat(900)}boris@corp.example${'; '.repeat(400)}`)).toBe('boris@corp.example');
    expect(writtenAddress('<'.repeat(1_000_000))).toBeNull();
  });
});
