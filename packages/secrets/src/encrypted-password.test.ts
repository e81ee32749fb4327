import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decryptPassword, encryptPassword, MAX_PASSWORD_BYTES, passwordForm } from './encrypted-password.ts';
import {
  EmptyPasswordError,
  ForeignPasswordError,
  PasswordCorruptedError,
  PasswordNotEncryptedError,
  SecretError,
  UnusablePasswordError,
  WrongKeyError,
} from './secret-errors.ts';
import { SecretKey } from './secret-key.ts';

const key = SecretKey.generate();
const usable = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 200 })
  .filter((text) => text !== '' && !text.includes('\0') && text.isWellFormed());

describe('encryptPassword and decryptPassword', () => {
  it('give back any password exactly', () => {
    fc.assert(fc.property(usable, (clear) => decryptPassword(encryptPassword(clear, key), key) === clear));
  });

  it.each([
    ['one character', 'x'],
    ['spaces around it', '  two words  '],
    ['quotes and backslashes', `"it's"\\n`],
    ['line ends', 'a\r\nb'],
    ['composed and decomposed letters, which stay different', 'é é'],
    ['characters beyond the basic plane', '🔑пароль密码'],
    ['the longest that is allowed', 'ж'.repeat(MAX_PASSWORD_BYTES / 2)],
  ])('keep %s', (_name, clear) => {
    expect(decryptPassword(encryptPassword(clear, key), key)).toBe(clear);
  });

  it('make another value every time, always beginning dGNf', () => {
    const values = Array.from({ length: 100 }, () => encryptPassword('same', key));
    expect(new Set(values).size).toBe(100);
    for (const value of values) expect(value).toMatch(/^dGNf[A-Za-z0-9+/]+=*$/);
  });

  it('refuse what cannot be kept', () => {
    expect(() => encryptPassword('', key)).toThrow(EmptyPasswordError);
    expect(() => encryptPassword('a\0b', key)).toThrow(UnusablePasswordError);
    expect(() => encryptPassword('a\ud800b', key)).toThrow(UnusablePasswordError);
    expect(() => encryptPassword(`${'ж'.repeat(MAX_PASSWORD_BYTES / 2)}x`, key)).toThrow(/4097 bytes/);
  });

  it('name both keys when the value was made with another one', () => {
    const other = SecretKey.generate();
    const value = encryptPassword('hello', other);
    expect(() => decryptPassword(value, key)).toThrow(WrongKeyError);
    expect(() => decryptPassword(value, key)).toThrow(new RegExp(`${other.id}.*${key.id}`));
  });

  it('notice a change of any byte', () => {
    const bytes = Buffer.from(encryptPassword('hello', key), 'base64');
    for (let index = 3; index < bytes.length; index++) {
      const changed = Buffer.from(bytes);
      changed[index] = (changed[index] ?? 0) ^ 1;
      expect(() => decryptPassword(changed.toString('base64'), key), `byte ${index}`).toThrow(SecretError);
    }
  });

  it('notice a value that was cut off, or gained something, when it was copied', () => {
    const value = encryptPassword('hello', key);
    for (let length = 12; length < value.length; length++) {
      expect(() => decryptPassword(value.slice(0, length), key)).toThrow(PasswordCorruptedError);
    }
    for (const changed of [`${value} `, `${value}\n`, `${value}AAAA`, value.replace(/^(.{20})/, '$1 ')]) {
      expect(() => decryptPassword(changed, key)).toThrow(PasswordCorruptedError);
    }
  });

  it('tell a plain text and a value of the vendor from their own', () => {
    const vendorValue = Buffer.from('tc_ZYXWVUTSRQ0123456789').toString('base64');
    expect(passwordForm('secret').kind).toBe('plain');
    expect(passwordForm('').kind).toBe('plain');
    expect(passwordForm(vendorValue).kind).toBe('foreign');
    expect(passwordForm('dGNf…').kind).toBe('foreign');
    expect(passwordForm(encryptPassword('x', key))).toEqual({ kind: 'encrypted', keyId: key.id });
    expect(() => decryptPassword('secret', key)).toThrow(PasswordNotEncryptedError);
    expect(() => decryptPassword(vendorValue, key)).toThrow(ForeignPasswordError);
    expect(() => decryptPassword(vendorValue, key)).toThrow(/tc_calendar --hash_pass/);
  });

  it('never repeat a value or a password in a message', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 8 }), fc.boolean(), (text, prefixed) => {
        const value = prefixed ? `dGNf${text}` : text;
        expect(() => decryptPassword(value, key)).toThrow(
          expect.objectContaining({ message: expect.not.stringContaining(text) }),
        );
      }),
    );
  });
});
