import type { Listening } from '../http/listen.ts';

/** Where a site is reached. */
export interface SiteAddress {
  readonly ewsUrl: string;
  /** Where bearer tokens are got (OAuth 2.0, client credentials). */
  readonly tokenUrl: string;
  readonly port: number;
}

/**
 * The listeners of one organization: the first, and those of other sites, each with an EWS address of its own. A mailbox is
 * served at the site of its mailbox server.
 */
export class Sites {
  readonly #open: (site: string | undefined) => Promise<Listening>;
  readonly #addressOf: (port: number) => SiteAddress;
  /** By name; the first site has none. */
  readonly #listening = new Map<string | undefined, Listening>();

  /** @param open listens for one more site; rejects with the socket error */
  constructor(open: (site: string | undefined) => Promise<Listening>, addressOf: (port: number) => SiteAddress) {
    this.#open = open;
    this.#addressOf = addressOf;
  }

  /** Opens a site, or finds the one of that name. Rejects with the socket error. */
  async open(site?: string): Promise<SiteAddress> {
    const known = this.#listening.get(site);
    if (known !== undefined) return this.#addressOf(known.port);
    const listening = await this.#open(site);
    this.#listening.set(site, listening);
    return this.#addressOf(listening.port);
  }

  /** Undefined for a site that is not open. */
  portOf(site: string | undefined): number | undefined {
    return this.#listening.get(site)?.port;
  }

  /** Cuts all connections and refuses new ones for `downMs`. */
  restart(downMs: number): void {
    for (const listening of this.#listening.values()) listening.restart(downMs);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#listening.values()].map((listening) => listening.close()));
  }
}
