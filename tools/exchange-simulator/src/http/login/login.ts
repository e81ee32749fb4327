import type { Account } from '../../store/account.ts';

/** How a request tried to log in, for the journal. */
export type AuthForm = 'none' | 'basic' | 'ntlm' | 'negotiate' | 'bearer' | 'client-secret' | 'other';

/**
 * What became of it: nothing was tried, a first NTLM message was answered with a challenge, credentials were accepted or
 * refused, or the connection had been logged in before.
 */
export type LoginOutcome = 'none' | 'challenged' | 'accepted' | 'refused' | 'kept';

/** The login of one request. */
export interface Login {
  readonly form: AuthForm;
  readonly outcome: LoginOutcome;
  /** Whose credentials were accepted, or whose password was not. */
  readonly account: Account | undefined;
  /** Headers of the 401 answer when nobody is logged in; `www-authenticate` with one challenge a line. */
  readonly refusal: Readonly<Record<string, string>>;
}

/** The scheme of an Authorization header. */
export function authFormOf(header: string | undefined): AuthForm {
  const scheme = header?.split(' ', 1)[0]?.toLowerCase();
  if (scheme === undefined || scheme === '') return 'none';
  return scheme === 'basic' || scheme === 'ntlm' || scheme === 'negotiate' || scheme === 'bearer' ? scheme : 'other';
}

/** Who is logged in. */
export function accountOf({ outcome, account }: Login): Account | undefined {
  return outcome === 'accepted' || outcome === 'kept' ? account : undefined;
}
