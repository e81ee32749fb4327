import { encryptPassword, SecretKey } from 'secrets';
import { describe, expect, it } from 'vitest';
import { SecretUnreadableError } from './config-errors.ts';
import { parseConfig } from './load-config.ts';
import { editedConfig } from './testing/sample-configs.ts';

const key = SecretKey.generate();

function passwordOf(value: string) {
  const text = editedConfig({ 'calendarProviders.0.credentials.0.password': value });
  const line = text.slice(0, text.indexOf('"password": "dGNf')).split('\n').length;
  const secret = parseConfig(text, '/etc/config.json').config.calendarProviders[0]?.credentials[0]?.password;
  if (!secret) throw new Error('no password');
  return { secret, where: `/etc/config.json:${line}: calendarProviders[0].credentials[0].password: ` };
}

describe('EncryptedSecret', () => {
  it('is decrypted with the key that made it', () => {
    expect(passwordOf(encryptPassword('pass ✓', key)).secret.reveal(key)).toBe('pass ✓');
  });

  it.each([
    ['another key', encryptPassword('x', SecretKey.generate()), 'password-wrong-key'],
    ['a value of the vendor', 'dGNfMnDq8m0FzkOpv7aZ1Q==', 'password-foreign'],
    ['a damaged value', `${encryptPassword('x', key).slice(0, -8)}AAAAAAA=`, 'password-corrupted'],
  ])('says where it stands when it cannot be read: %s', (_name, value, code) => {
    const { secret, where } = passwordOf(value);
    expect(() => secret.reveal(key)).toThrow(SecretUnreadableError);
    expect(() => secret.reveal(key)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(where) }),
    );
    expect(() => secret.reveal(key)).toThrow(/tc_calendar --hash_pass/);
  });
});
