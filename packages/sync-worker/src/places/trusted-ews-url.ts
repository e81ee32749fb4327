/** What an EWS address that Autodiscover tells is measured against. */
export interface EwsAddressRule {
  /** The address in the configuration, which an administrator vouches for. */
  readonly own: string;
  /** Other hosts that may be asked with the accounts' passwords (`autodiscover.hosts`). */
  readonly hosts: readonly string[];
}

/**
 * The first of some told addresses at which a mailbox may be read: passwords are only sent where the configuration's own
 * address leads to, to hosts of the same domain, and to hosts that are listed; never without TLS unless it has none either.
 *
 * @returns the address in a normal form; null when it is the provider's own; undefined when none may be used
 */
export function trustedEwsUrl(told: readonly (string | null)[], rule: EwsAddressRule): string | null | undefined {
  const own = new URL(rule.own);
  for (const text of told) {
    const url = text === null ? null : URL.parse(text);
    if (url === null || !isTrusted(url, own, rule.hosts)) continue;
    return isSame(url, own) ? null : url.href;
  }
  return undefined;
}

function isTrusted(url: URL, own: URL, hosts: readonly string[]): boolean {
  if (url.protocol !== 'https:' && url.protocol !== own.protocol) return false;
  if (!/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '' || url.search !== '') return false;
  const domain = domainOf(own.hostname);
  return (
    url.hostname === own.hostname ||
    (domain !== null && url.hostname.endsWith(`.${domain}`)) ||
    hosts.some((host) => host.toLowerCase() === url.hostname)
  );
}

/** `corp.example` of `mail.corp.example`; null of an address by number, and where the rest would be a whole top domain. */
function domainOf(host: string): string | null {
  if (/^[\d.]+$|:/.test(host)) return null;
  const rest = host.split('.').slice(1);
  return rest.length >= 2 ? rest.join('.') : null;
}

/** IIS takes paths without regard to case. */
function isSame(a: URL, b: URL): boolean {
  return a.origin === b.origin && a.pathname.toLowerCase() === b.pathname.toLowerCase();
}
