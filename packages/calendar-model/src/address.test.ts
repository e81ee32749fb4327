import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressDomain,
  canonicalAddress,
  displayNameKey,
  displayNameOf,
  isDirectoryName,
  isLegacyName,
  isSmtpAddress,
} from './address.ts';

describe('canonicalAddress', () => {
  it.each([
    ['Anna@Corp.Example', 'anna@corp.example'],
    ['  anna@corp.example\r\n', 'anna@corp.example'],
    ['SMTP:Anna@corp.example', 'anna@corp.example'],
    ['smtp:anna@corp.example', 'anna@corp.example'],
    ['<anna@corp.example>', 'anna@corp.example'],
    ['< SMTP:anna@corp.example >', 'anna@corp.example'],
    ['smtp:<anna@corp.example>', 'anna@corp.example'],
    ['MAILTO:anna@corp.example', 'anna@corp.example'],
    ['ÄNNA@Bücher.example', 'änna@bücher.example'],
    ['smtpd@corp.example', 'smtpd@corp.example'],
    ['', ''],
  ])('writes %j as %j', (given, expected) => {
    expect(canonicalAddress(given)).toBe(expected);
  });

  it('changes nothing the second time', () => {
    const pieces = fc.constantFrom('smtp:', 'SMTP:', 'mailto:', '<', '>', ' ', '\u00a0', 'Anna', 'ΑΣ', 'İ', '@', '.');
    fc.assert(
      fc.property(fc.array(fc.oneof(pieces, fc.string())), (parts) => {
        const once = canonicalAddress(parts.join(''));
        expect(canonicalAddress(once)).toBe(once);
      }),
    );
  });

  it('takes no longer for long runs of what stands around addresses', () => {
    const run = '> '.repeat(500_000);
    expect(canonicalAddress(`${run}x${run}`)).toHaveLength(run.length + 1);
    expect(canonicalAddress(`${'<'.repeat(500_000)}anna@corp.example${'>'.repeat(500_000)}`)).toBe('anna@corp.example');
  });
});

describe('isSmtpAddress', () => {
  it.each([
    'anna@corp.example',
    'anna.maria+calendar@mail.corp.example',
    "o'hara@corp.example",
    'anna@corp',
    'änna@bücher.example',
    `${'a'.repeat(64)}@corp.example`,
  ])('accepts %s', (text) => {
    expect(isSmtpAddress(text)).toBe(true);
  });

  it.each([
    '',
    'anna',
    '@corp.example',
    'anna@',
    'anna@@corp.example',
    'anna@corp@example',
    'an na@corp.example',
    'anna@corp..example',
    'anna@.corp.example',
    'anna@corp.example.',
    '/o=Corp/ou=First Administrative Group/cn=Recipients/cn=anna',
    'anna@conf.example/3f2a',
    'CORP\\anna@corp.example',
    'anna@corp.example, boris@corp.example',
    '<anna@corp.example>',
    `${'a'.repeat(65)}@corp.example`,
    `anna@${'corp.'.repeat(60)}example`,
    // Invisible characters, as pasted from a web page, and what a Postgres text cannot hold.
    'anna@corp.example\u200b',
    'an\u00adna@corp.example',
    'anna\0@corp.example',
    'anna\ud800@corp.example',
  ])('refuses %j', (text) => {
    expect(isSmtpAddress(text)).toBe(false);
  });
});

describe('addressDomain', () => {
  it.each([
    ['anna@corp.example', 'corp.example'],
    ['"a@b"@corp.example', 'corp.example'],
    ['anna', ''],
    ['anna@', ''],
    ['', ''],
  ])('of %j is %j', (address, domain) => {
    expect(addressDomain(address)).toBe(domain);
  });
});

describe('names that only a directory knows', () => {
  it.each(['/o=Corp/ou=First Administrative Group/cn=Recipients/cn=anna', '/O=CORP/OU=x/CN=y'])(
    'are legacy: %s',
    (text) => {
      expect(isLegacyName(text)).toBe(true);
      expect(isDirectoryName(canonicalAddress(text))).toBe(true);
    },
  );

  it.each(['anna@corp.example', 'o=corp', '/o=', `/o=${'x'.repeat(600)}`, '/o=corp\0'])('are not: %s', (text) => {
    expect(isLegacyName(text)).toBe(false);
    expect(isDirectoryName(text)).toBe(false);
  });

  it('are display names, told apart by letters alone', () => {
    expect(displayNameKey('  Anna\t Adams ')).toBe(displayNameKey('anna adams'));
    expect(displayNameOf(displayNameKey('Anna Adams') ?? '')).toBe('anna adams');
    expect(displayNameKey(' \u200b')).toBeNull();
    expect(displayNameOf('anna@corp.example')).toBeNull();
    expect(isDirectoryName(displayNameKey('Anna') ?? '')).toBe(true);
  });
});
