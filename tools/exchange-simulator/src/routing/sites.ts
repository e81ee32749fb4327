import type { Listening } from '../http/listen.ts';

/**
 * The listeners of one organization: the first, and those of other sites, each with an EWS address of its own. A mailbox is
 * served at the site of its mailbox server.
 */
export class Sites {
  readonly #open: (site: string | undefined) => Promise<Listening>;
  /** By name; the first site has none. */
  readonly #listening = new Map<string | undefined, Listening>();

  /** @param open listens for one more site; rejects with the socket error */
  constructor(open: (site: string | undefined) => Promise<Listening>) {
    this.#open = open;
  }

  /** Opens a site, or finds the one of that name. @returns its port */
  async open(site?: string): Promise<number> {
    const known = this.#listening.get(site);
    if (known !== undefined) return known.port;
    const listening = await this.#open(site);
    this.#listening.set(site, listening);
    return listening.port;
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
