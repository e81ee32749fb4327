/** What stands around an address: blanks, angle brackets, and the schemes of Exchange and of iCalendar. */
const BEFORE = /^(?:[\s<]|smtp:|mailto:)+/iu;
const AFTER = /[\s>]/u;
/** Dot-separated labels without blanks, characters that part addresses, and what cannot be seen (controls, joiners). */
const SMTP_ADDRESS = /^[^\s\p{C}@<>"(),:;[\]\\/]{1,64}@[^\s\p{C}@<>"(),:;[\]\\/.]+(?:\.[^\s\p{C}@<>"(),:;[\]\\/.]+)*$/u;

/**
 * The one spelling under which a mailbox, an attendee and a viewer are compared and stored.
 *
 * @param address an SMTP address as written by a person, Exchange or TrueConf
 * @returns the address without surrounding blanks, `smtp:` or `mailto:` and angle brackets, in lower case
 */
export function canonicalAddress(address: string): string {
  const bare = address.replace(BEFORE, '');
  let end = bare.length;
  while (end > 0 && AFTER.test(bare.charAt(end - 1))) end -= 1;
  return bare.slice(0, end).toLowerCase();
}

/**
 * Whether a text has the shape `local@domain` of an SMTP address (RFC 5321 §4.1.2, without quoted local parts).
 * Legacy Exchange names (`/o=Corp/ou=…`) and TrueConf IDs without a domain are not addresses.
 */
export function isSmtpAddress(text: string): boolean {
  return text.length <= 254 && SMTP_ADDRESS.test(text);
}

/** The domain part of a canonical address, or an empty text when there is none. */
export function addressDomain(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1 || address.length);
}
