import { canonicalAddress, isLegacyName, isSmtpAddress } from './address.ts';

/** Longer texts are no single address, whatever they hold. */
const LONGEST_TEXT = 2_000;
/** Format characters and controls: joiners, byte order marks, direction marks, soft hyphens. Never part of an address. */
const INVISIBLE = /[\p{Cf}\p{Cc}]/gu;
/** Blanks, quotes of any kind, and what parts addresses in a list, on either side. */
const AROUND = /^[\s'"`‘’‚“”„«»;,]+|[\s'"`‘’‚“”„«»;,.]+$/gu;
/** The last part in angle brackets: `Name <address>`. */
const IN_BRACKETS = /<([^<>]*)>[^<>]*$/u;
const SCHEME = /^(?:smtp|mailto|sips?|acct|im|xmpp):(?:\/\/)?/iu;
/** Parameters and headers of an address that is written as a URI, and the port of a SIP address. */
const AFTER_URI = /[;?].*$|:\d{1,5}$/gu;
const ENCAPSULATED = /^IMCEA([A-Z0-9]+)-(.+)@[^@]*$/iu;

/**
 * The one person or list that an address means, as a calendar entry gives it: also where an application put a display
 * name, quotes, a scheme, marks that cannot be seen or the end of a list around it.
 *
 * @param text `t:EmailAddress` of a mailbox, or what a sender wrote there: `addr;`, `Name <addr>`, `'addr'`, `sip:addr`,
 * an address that Exchange encapsulated (`IMCEAEX-_O=…@…`)
 * @returns a canonical SMTP address, or a legacy name (docs/reference/exchange.md §7.1) in small letters; null when the text
 * means neither or more than one
 */
export function writtenAddress(text: string): string | null {
  if (text.length > LONGEST_TEXT) return null;
  const plain = text.replaceAll(INVISIBLE, (mark) => (/\s/u.test(mark) ? ' ' : '')).replaceAll(AROUND, '');
  const [brackets, inside = ''] = IN_BRACKETS.exec(plain) ?? [''];
  return brackets === '' ? named(plain) : (named(inside) ?? named(plain.slice(0, -brackets.length)) ?? named(plain));
}

function named(text: string): string | null {
  const bare = text.replaceAll(AROUND, '');
  if (isLegacyName(bare)) return bare.toLowerCase();
  const encapsulated = ENCAPSULATED.exec(bare);
  if (encapsulated) return decapsulated(encapsulated[1] ?? '', encapsulated[2] ?? '');
  const address = canonicalAddress(withoutScheme(bare));
  return isSmtpAddress(address) ? address : null;
}

function withoutScheme(text: string): string {
  const bare = text.replace(SCHEME, '');
  return bare === text ? text : bare.replaceAll(AFTER_URI, '').replaceAll(AROUND, '');
}

/**
 * An address of another kind that Exchange wrote as an SMTP address: `_` stands for `/`, `+` and two hexadecimal digits for
 * any other character.
 *
 * @param kind `EX` (a legacy name), `SMTP` or `INVALID` (a text that was no address); of any other (`FAX`) no person is known
 */
function decapsulated(kind: string, local: string): string | null {
  const decoded = decodedOctets(local.replaceAll('_', '/'));
  if (decoded === null) return null;
  const type = kind.toUpperCase();
  if (type === 'EX') return isLegacyName(decoded) ? decoded.toLowerCase() : null;
  if (type !== 'SMTP' && type !== 'INVALID') return null;
  // Never encapsulated twice: what stands inside is read without another look for it.
  const address = canonicalAddress(withoutScheme(decoded.replaceAll(AROUND, '')));
  return isSmtpAddress(address) ? address : null;
}

function decodedOctets(text: string): string | null {
  const escaped = encodeURIComponent(text.toWellFormed()).replaceAll(/%2B([0-9A-F]{2})/giu, '%$1');
  try {
    return decodeURIComponent(escaped);
  } catch {
    return null;
  }
}
