/** Mailboxes whose zones are kept; those heard of longest ago are forgotten first. */
const MOST_MAILBOXES = 5000;
/** Zones that are counted of one mailbox. */
const MOST_ZONES = 50;

/** How often the items of each mailbox were planned in which zone. */
export class ZonesInUse {
  readonly #counts = new Map<string, Map<string, number>>();

  /** Counts one item planned in `zone` (IANA). */
  count(mailbox: string, zone: string): void {
    const counts = this.#counts.get(mailbox) ?? new Map<string, number>();
    this.#counts.delete(mailbox);
    this.#counts.set(mailbox, counts);
    if (counts.size < MOST_ZONES || counts.has(zone)) counts.set(zone, (counts.get(zone) ?? 0) + 1);
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > MOST_MAILBOXES && oldest !== undefined) this.#counts.delete(oldest);
  }

  /** The zones of a mailbox, the one most used first; of two used as much the one whose name comes first. */
  of(mailbox: string): string[] {
    return [...(this.#counts.get(mailbox) ?? [])]
      .sort(([a, most], [b, more]) => more - most || (a < b ? -1 : 1))
      .map(([zone]) => zone);
  }
}
