import { createHash, timingSafeEqual } from 'node:crypto';
import { type Account, answersToLogin } from '../store/account.ts';
import type { Organization } from '../store/organization.ts';

/** How a request tried to log in, for the journal. */
export type AuthForm = 'none' | 'basic' | 'ntlm' | 'negotiate' | 'bearer' | 'other';

/** The scheme of an Authorization header. */
export function authFormOf(header: string | undefined): AuthForm {
  const scheme = header?.split(' ', 1)[0]?.toLowerCase();
  if (scheme === undefined || scheme === '') return 'none';
  return scheme === 'basic' || scheme === 'ntlm' || scheme === 'negotiate' || scheme === 'bearer' ? scheme : 'other';
}

/**
 * The account of a Basic login in any of its forms. Passwords are taken as UTF-8 or, as IIS also does, as Latin-1.
 * Undefined when header, login or password are wrong, or the account is disabled.
 */
export function authenticateBasic(organization: Organization, header: string | undefined): Account | undefined {
  const match = /^basic +([A-Za-z0-9+/=]+)$/i.exec(header ?? '');
  if (match === null) return undefined;
  const bytes = Buffer.from(match[1]!, 'base64');
  for (const encoding of ['utf8', 'latin1'] as const) {
    const text = bytes.toString(encoding);
    const colon = text.indexOf(':');
    if (colon < 0) return undefined;
    const account = organization.accounts().find((candidate) => answersToLogin(candidate, text.slice(0, colon)));
    if (account !== undefined && !account.disabled && samePassword(account.password, text.slice(colon + 1)))
      return account;
  }
  return undefined;
}

function samePassword(expected: string, given: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(expected), digest(given));
}
