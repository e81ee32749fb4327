import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import {
  EmptyPasswordError,
  ForeignPasswordError,
  PasswordCorruptedError,
  PasswordNotEncryptedError,
  UnusablePasswordError,
  WrongKeyError,
} from './secret-errors.ts';
import type { SecretKey } from './secret-key.ts';

/** What every encrypted value begins with: the base64 of `tc_`. */
const ENCRYPTED_PREFIX = 'dGNf';
/** Longest password that is encrypted, in bytes of UTF-8. */
export const MAX_PASSWORD_BYTES = 4096;

// Layout: "tc_" (3) | version (1) | key id (4) | nonce (12) | AES-256-GCM ciphertext | tag (16). The first 8 bytes are
// the associated data, so that neither version nor key id can be exchanged.
const MAGIC = Buffer.from('tc_', 'latin1');
const VERSION = 1;
const HEADER_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';
const CIPHER_LABEL = 'password-encryption';

/** What a value in a password field looks like, judged without any key. */
export type PasswordForm =
  | { readonly kind: 'plain' }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'encrypted'; readonly keyId: string };

/**
 * Encrypts a password for `config.json`. Every call gives another text, always beginning `dGNf`.
 * The password is kept byte for byte: no trimming, no Unicode normalization.
 * @throws EmptyPasswordError for ''
 * @throws UnusablePasswordError for a NUL character, a lone surrogate, or more than 4096 bytes of UTF-8
 */
export function encryptPassword(clear: string, key: SecretKey): string {
  const bytes = passwordBytes(clear);
  const header = Buffer.concat([MAGIC, Buffer.of(VERSION), Buffer.from(key.id, 'hex')]);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key.derive(CIPHER_LABEL), nonce, { authTagLength: TAG_BYTES }).setAAD(header);
  return Buffer.concat([header, nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

/**
 * Gives back what `encryptPassword` was given.
 * @throws PasswordNotEncryptedError, ForeignPasswordError, WrongKeyError, PasswordCorruptedError
 */
export function decryptPassword(value: string, key: SecretKey): string {
  const form = passwordForm(value);
  if (form.kind === 'plain') throw new PasswordNotEncryptedError();
  if (form.kind === 'foreign') throw new ForeignPasswordError();
  if (form.keyId !== key.id) throw new WrongKeyError(form.keyId, key.id);
  const data = Buffer.from(value, 'base64');
  // Node skips characters outside the alphabet; a value that does not come back the same was altered.
  if (data.toString('base64') !== value || data.length <= HEADER_BYTES + NONCE_BYTES + TAG_BYTES) {
    throw new PasswordCorruptedError();
  }
  return decryptBytes(data, key);
}

/** Tells a plain text from an encrypted value and names the key that made it. Needs no key and never throws. */
export function passwordForm(value: string): PasswordForm {
  if (!value.startsWith(ENCRYPTED_PREFIX)) return { kind: 'plain' };
  const header = Buffer.from(value.slice(0, 12), 'base64');
  if (header.length < HEADER_BYTES || header[MAGIC.length] !== VERSION) return { kind: 'foreign' };
  return { kind: 'encrypted', keyId: header.subarray(MAGIC.length + 1, HEADER_BYTES).toString('hex') };
}

function decryptBytes(data: Buffer, key: SecretKey): string {
  const nonce = data.subarray(HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
  const decipher = createDecipheriv(CIPHER, key.derive(CIPHER_LABEL), nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(data.subarray(0, HEADER_BYTES)).setAuthTag(data.subarray(data.length - TAG_BYTES));
  try {
    const sealed = data.subarray(HEADER_BYTES + NONCE_BYTES, data.length - TAG_BYTES);
    return Buffer.concat([decipher.update(sealed), decipher.final()]).toString('utf8');
  } catch {
    throw new PasswordCorruptedError();
  }
}

function passwordBytes(clear: string): Buffer {
  if (clear === '') throw new EmptyPasswordError();
  if (!clear.isWellFormed()) {
    throw new UnusablePasswordError(
      'the password holds half of a Unicode character (a lone surrogate) and cannot be kept exactly',
    );
  }
  if (clear.includes('\0'))
    throw new UnusablePasswordError('the password holds a NUL character; no server accepts one');
  const bytes = Buffer.from(clear, 'utf8');
  if (bytes.length > MAX_PASSWORD_BYTES) {
    throw new UnusablePasswordError(
      `the password is ${bytes.length} bytes long; at most ${MAX_PASSWORD_BYTES} are encrypted`,
    );
  }
  return bytes;
}
