import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { canonicalAddress, isSmtpAddress } from 'calendar-model';
import { HASH_COMMAND, passwordForm } from 'secrets';
import { z } from 'zod';
import { EncryptedSecret } from '../encrypted-secret.ts';

/** A schema whose refusal reads `wanted <wanted>`. The code is the problem's stable code. */
export function textField(wanted: string, accepts: (value: string) => boolean, code = 'invalid') {
  return z.string().refine(accepts, { error: wanted, params: { code } }).meta({ 'x-wanted': wanted });
}

/** Any text but an empty or blank one. */
export const nonEmptyText = textField('a text that is not empty', (value) => value.trim() !== '');

/** A whole number within bounds, both included. */
export function wholeNumber(least: number, most: number) {
  return z.int().min(least).max(most);
}

/** A number, fractions allowed, within bounds, both included. */
export function number(least: number, most: number) {
  return z.number().min(least).max(most);
}

export const port = wholeNumber(1, 65_535);

/** A DNS name or an IP address, without scheme, port or path. */
export const hostName = textField('a host name or an IP address, without scheme, port or path', isHostName);

/** A mailbox address; read into its canonical form. */
export const mailboxAddress = textField('a mailbox address such as anna@corp.example', isMailboxAddress).transform(
  canonicalAddress,
);

/** A mail domain, lower case. */
export const mailDomain = textField(
  'a mail domain such as corp.example',
  (value) => !isIP(value) && isHostName(value),
).transform((value) => value.toLowerCase());

/** A path of a file; relative ones start at the config's folder (made absolute by `loadConfig`). */
export const filePath = textField('the path of a file', (value) => value.trim() !== '').meta({ 'x-path': true });

/** An address of a proxy: IP or CIDR range. */
export const addressRange = textField('an IP address or a range such as 10.0.0.0/8', isAddressRange);

/** An http(s) URL without user, query and fragment; plain http only to this machine. Read without a trailing slash. */
export const serverUrl = textField(
  'an https:// address without user, query and fragment (http:// only for this machine itself)',
  isServerUrl,
).transform((value) => value.replace(/\/+$/, ''));

/** An encrypted password; read into an opaque value that is decrypted on demand. */
export const encryptedPassword = textField(
  `an encrypted password (make one with "${HASH_COMMAND}")`,
  (value) => passwordForm(value).kind !== 'plain',
  'plain-text-password',
)
  .transform((value) => new EncryptedSecret(value))
  .meta({ 'x-secret': true });

/** An encrypted password or ''; read into null when empty. */
export const optionalPassword = textField(
  `an encrypted password (make one with "${HASH_COMMAND}"), or "" for none`,
  (value) => value === '' || passwordForm(value).kind !== 'plain',
  'plain-text-password',
)
  .transform((value) => (value === '' ? null : new EncryptedSecret(value)))
  .meta({ 'x-secret': true });

/** Whether a host names this very machine, where an unencrypted connection is nobody else's business. */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1' || /^127(\.\d{1,3}){3}$/.test(name);
}

/** Whether a text is an SMTP address once blanks, an `smtp:` prefix and brackets are taken off. */
export function isMailboxAddress(value: string): boolean {
  return isSmtpAddress(canonicalAddress(value));
}

export function isHostName(value: string): boolean {
  if (isIP(value)) return true;
  const ascii = domainToASCII(value);
  return (
    ascii.length <= 253 &&
    /^([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*\.?$/i.test(ascii)
  );
}

function isAddressRange(value: string): boolean {
  const [address = '', bits, ...rest] = value.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

function isServerUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  if (url.username || url.password || url.search || url.hash || url.hostname === '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}
