import { domainToASCII } from 'node:url';

/**
 * Whether a server named in a link or by a client is the one that a `productWhitelist.tcs` entry allows. Both may be
 * a server id (`name#vcs`), a host name, an address, or a URL; case and the trailing dot do not count. Ports are
 * compared only when both sides name one.
 */
export function isServerMatch(whitelistEntry: string, server: string): boolean {
  const allowed = parseServer(whitelistEntry);
  const named = parseServer(server);
  if (allowed === null || named === null || allowed.host !== named.host) return false;
  return allowed.port === null || named.port === null || allowed.port === named.port;
}

function parseServer(text: string): { host: string; port: string | null } | null {
  const authority = text
    .trim()
    .replace(/(?:#|%23)vcs$/i, '')
    .replace(/^[a-z][a-z0-9+.-]*:\/\//i, '')
    .replace(/[/?#].*$/s, '');
  const parts = /^(\[[0-9a-f:.]+\]|[^:[\]@\s]+)(?::(\d{1,5}))?$/i.exec(bracketed(authority));
  if (parts?.[1] === undefined) return null;
  const host = domainToASCII(parts[1].replace(/\.$/, ''));
  return host === '' ? null : { host, port: parts[2] ?? null };
}

/** A bare IPv6 address has several colons and no brackets. */
function bracketed(authority: string): string {
  return /^[0-9a-f.]*:[0-9a-f.]*:[0-9a-f:.]*$/i.test(authority) ? `[${authority}]` : authority;
}
