import type { TransportReply } from './transport.ts';

/**
 * Keeps requests that carry it with the machine that set it: a subscription lives on one of them
 * (docs/reference/exchange.md §6.8).
 */
export const backEndCookieName = 'X-BackEndOverrideCookie';

/**
 * The value of that cookie in the head of a reply; null when it is not set, or holds what RFC 6265 §4.1.1 forbids and
 * no request could carry back.
 */
export function backEndCookie(headers: TransportReply['headers']): string | null {
  for (const cookie of [headers['set-cookie'] ?? []].flat()) {
    const [pair = ''] = cookie.split(';');
    const equals = pair.indexOf('=');
    const value = pair.slice(equals + 1).trim();
    if (pair.slice(0, equals).trim().toLowerCase() !== backEndCookieName.toLowerCase()) continue;
    return /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]{1,4096}$/.test(value) ? value : null;
  }
  return null;
}
