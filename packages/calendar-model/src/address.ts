import { domainToASCII, domainToUnicode } from 'node:url';

/** What stands around an address: blanks, angle brackets, and the schemes of Exchange and of iCalendar. */
const BEFORE = /^(?:[\s<]|smtp:|mailto:)+/iu;
const AFTER = /[\s>]/u;
/** Dot-separated labels without blanks, characters that part addresses, and what cannot be seen (controls, joiners). */
const SMTP_ADDRESS = /^[^\s\p{C}@<>"(),:;[\]\\/]{1,64}@[^\s\p{C}@<>"(),:;[\]\\/.]+(?:\.[^\s\p{C}@<>"(),:;[\]\\/.]+)*$/u;
const LONGEST_DOMAIN = 253;

/**
 * The one spelling under which a mailbox, an attendee and a viewer are compared and stored.
 *
 * @param address an SMTP address as written by a person, Exchange or TrueConf
 * @returns the address without surrounding blanks, `smtp:` or `mailto:` and angle brackets, in lower case, composed (NFC),
 * an internationalized domain in its own letters (RFC 5890 U-labels)
 */
export function canonicalAddress(address: string): string {
  const bare = address.replace(BEFORE, '');
  let end = bare.length;
  while (end > 0 && AFTER.test(bare.charAt(end - 1))) end -= 1;
  const small = bare.slice(0, end).toLowerCase().normalize('NFC');
  const domain = addressDomain(small);
  return small.slice(0, small.length - domain.length) + canonicalDomain(domain);
}

/** `xn--` labels and other spellings of one internationalized domain are one. A domain that has none stays as it is. */
function canonicalDomain(domain: string): string {
  if (domain.length > LONGEST_DOMAIN || !/xn--|[^\p{ASCII}]/u.test(domain)) return domain;
  return domainToUnicode(domainToASCII(domain)) || domain;
}

/**
 * Whether a text has the shape `local@domain` of an SMTP address (RFC 5321 §4.1.2, without quoted local parts).
 * Legacy Exchange names (`/o=Corp/ou=…`) and TrueConf IDs without a domain are not addresses.
 */
export function isSmtpAddress(text: string): boolean {
  return text.length <= 254 && SMTP_ADDRESS.test(text);
}

/** Begins what stands for a person of whom a calendar tells the display name alone. */
const DISPLAY_NAME = 'name:';
const LEGACY_NAME = /^\/o=[^\p{C}]{1,509}$/iu;
const LONGEST_DISPLAY_NAME = 255;

/**
 * Whether a text is a legacy distinguished name of Exchange, such as `/o=Corp/ou=…/cn=Recipients/cn=anna`: no address that
 * anybody else knows, but one whose owner Exchange's directory can tell. In small letters it is canonical.
 */
export function isLegacyName(text: string): boolean {
  return LEGACY_NAME.test(text);
}

/** What stands for an organizer of whom a calendar tells the display name alone; null when there is not even a name. */
export function displayNameKey(name: string): string | null {
  const plain = name
    .replaceAll(/[\s\p{C}]+/gu, ' ')
    .trim()
    .toLowerCase();
  return plain === '' || plain.length > LONGEST_DISPLAY_NAME ? null : DISPLAY_NAME + plain;
}

/** The display name of such a key; null when it is none. */
export function displayNameOf(key: string): string | null {
  return key.startsWith(DISPLAY_NAME) ? key.slice(DISPLAY_NAME.length) : null;
}

/** Whether a text stands for a person in a calendar without being an address: only a directory can say who that is. */
export function isDirectoryName(text: string): boolean {
  return text.startsWith(DISPLAY_NAME) || isLegacyName(text);
}

/** The domain part of a canonical address, or an empty text when there is none. */
export function addressDomain(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1 || address.length);
}
