import type { IncomingHttpHeaders } from 'node:http';
import type { SimulatorSettings } from '../settings.ts';
import type { Organization } from '../store/organization.ts';
import { type BackEnd, backEndOf } from './back-end.ts';

export const FRONT_END = 'FE01';
const COOKIE = 'X-BackEndOverrideCookie';

/** The way of a request through the front end (docs/reference/exchange.md §6.8, affinity). */
export interface Route {
  readonly backEnd: BackEnd;
  /** How it was found: the affinity cookie, the anchor mailbox, or, for want of both, whose turn it was. */
  readonly by: 'cookie' | 'anchor' | 'turn';
  /** Whether the client asked for affinity with `X-PreferServerAffinity: true`. */
  readonly prefersAffinity: boolean;
}

/** A request and the site at whose address it came in. */
export interface Addressed {
  readonly headers: IncomingHttpHeaders;
  readonly site: string | undefined;
}

/** Chooses the server for each request, as the front end of Exchange does. */
export class FrontEnd {
  #turn = 0;

  /**
   * A request without cookie and anchor goes to the servers of its site by turns. The cookie counts only beside `X-PreferServerAffinity: true`,
   * and only while its server exists.
   */
  route({ headers, site }: Addressed, organization: Organization, settings: SimulatorSettings): Route {
    const prefersAffinity = headers['x-preferserveraffinity']?.toString().toLowerCase() === 'true';
    const named = prefersAffinity ? serverOfCookie(headers.cookie) : undefined;
    const overriding = settings.backEnds.find(({ name }) => name === named);
    if (overriding !== undefined) return { backEnd: overriding, by: 'cookie', prefersAffinity };
    const address = headers['x-anchormailbox']?.toString();
    const anchor = address === undefined ? undefined : organization.mailboxByAnyAddress(address);
    if (anchor !== undefined) return { backEnd: backEndOf(anchor, settings), by: 'anchor', prefersAffinity };
    this.#turn += 1;
    const here = settings.backEnds.filter((backEnd) => backEnd.site === site);
    const servers = here.length > 0 ? here : settings.backEnds;
    return { backEnd: servers[this.#turn % servers.length]!, by: 'turn', prefersAffinity };
  }
}

function serverOfCookie(header: string | undefined): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === COOKIE) return value?.split('~')[0];
  }
  return undefined;
}

/** `Set-Cookie` that binds the later requests of a group of subscriptions to one server. */
export function overrideCookie({ name }: BackEnd, secure: boolean): string {
  return `${COOKIE}=${name}~1941962754; path=/; ${secure ? 'secure; ' : ''}HttpOnly`;
}

/** The headers by which an answer tells where it was made. */
export function routeHeaders({ backEnd }: Route): Record<string, string> {
  return {
    'x-feserver': FRONT_END,
    'x-beserver': backEnd.name,
    'x-targetbeserver': backEnd.name,
    'x-diaginfo': backEnd.name,
  };
}
