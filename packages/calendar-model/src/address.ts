/**
 * The one spelling under which a mailbox, an attendee and a viewer are compared and stored.
 *
 * @param address an SMTP address as written by a person, Exchange or TrueConf
 * @returns the address without surrounding blanks, an `smtp:` prefix or angle brackets, in lower case
 */
export function canonicalAddress(address: string): string {
  return address
    .trim()
    .replace(/^<(.*)>$/u, '$1')
    .replace(/^smtp:/iu, '')
    .toLowerCase();
}

/**
 * Whether a text has the shape `local@domain` of an SMTP address (RFC 5321 §4.1.2, without quoted local parts).
 * Legacy Exchange names (`/o=Corp/ou=…`) and TrueConf IDs without a domain are not addresses.
 */
export function isSmtpAddress(text: string): boolean {
  return text.length <= 254 && /^[^\s@<>"(),:;[\]\\/]{1,64}@[^\s@<>"(),:;[\]\\/]+$/u.test(text);
}

/** The domain part of a canonical address, or an empty text when there is none. */
export function addressDomain(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1 || address.length);
}
