import { EwsAuthError, EwsAuthUnsupportedError, type EwsCallPlace, serviceOf } from './ews-error.ts';

export type SignIn = 'Basic' | 'NTLM' | 'Bearer' | 'Negotiate';

/** Whether an offer names a way to sign in. */
export function isOffered(offered: readonly string[], way: SignIn): boolean {
  return offered.some((scheme) => scheme.toLowerCase() === way.toLowerCase());
}

/** The error for a 401 to a login that was sent: refused, or of a kind that the server does not take. */
export function refusal(way: SignIn, offered: readonly string[], place: EwsCallPlace, remedy: string): Error {
  if (offered.length > 0 && !isOffered(offered, way)) return notOffered(way, offered, place);
  return new EwsAuthError(`the server refused the login with ${nameOf(way)} (401): ${remedy}`, place, {
    errorClass: 'auth',
    scope: 'account',
    httpStatus: 401,
  });
}

/** The error for a way to sign in that was asked for and that the server does not have. */
export function notOffered(way: SignIn, offered: readonly string[], place: EwsCallPlace): EwsAuthUnsupportedError {
  const settings = { Basic: 'basic', NTLM: 'ntlm', Bearer: 'oauth' } as const;
  const others = (['NTLM', 'Basic', 'Bearer'] as const).filter((other) => isOffered(offered, other));
  const remedy =
    others.length > 0
      ? `set auth to ${others.map((other) => `"${settings[other]}"`).join(' or ')}, or enable ${nameOf(way)} there`
      : `enable ${nameOf(way)} on the ${serviceOf(place)} virtual directory${kerberosToo(way, offered)}`;
  return unsupported(`the server offers ${offered.join(', ')}, not ${nameOf(way)}: ${remedy}`, place);
}

/** The error for `auto` when there is nothing to take. @param taken what "auto" can sign in with here */
export function nothingToTake(
  taken: readonly SignIn[],
  offered: readonly string[],
  place: EwsCallPlace,
): EwsAuthUnsupportedError {
  const names = taken.map(nameOf).join(' or ');
  const remedy = isOffered(offered, 'Bearer')
    ? `give the provider an "oauth" section and set auth to "oauth", or enable ${names} there`
    : `enable ${names}${taken.includes('Basic') ? ' (Basic over https only)' : ''} on the ${serviceOf(place)} virtual directory${kerberosToo('Basic', offered)}`;
  return unsupported(`the server offers ${offered.join(', ')}; "auto" takes ${names}: ${remedy}`, place);
}

function nameOf(way: SignIn): string {
  return way === 'Negotiate' ? 'Kerberos (Negotiate)' : way;
}

function kerberosToo(way: SignIn, offered: readonly string[]): string {
  return way !== 'Negotiate' && isOffered(offered, 'Negotiate')
    ? ', or sign in with Kerberos: give the provider a "kerberos" section'
    : '';
}

function unsupported(message: string, place: EwsCallPlace): EwsAuthUnsupportedError {
  return new EwsAuthUnsupportedError(message, place, { errorClass: 'config', scope: 'host', httpStatus: 401 });
}
