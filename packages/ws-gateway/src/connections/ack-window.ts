const MOST_PUSHES = 8;
const MOST_BYTES = 1024 * 1024;

/**
 * Pushes that are under way to one client: at most 8 or 1 MiB wait for acknowledgement. One push always fits, however
 * large it is.
 */
export class AckWindow {
  readonly #outstanding = new Map<number, number>();
  #bytes = 0;
  #fullSince: number | undefined;

  get isOpen(): boolean {
    return this.#outstanding.size < MOST_PUSHES && this.#bytes < MOST_BYTES;
  }

  get isEmpty(): boolean {
    return this.#outstanding.size === 0;
  }

  /** Since when (steady milliseconds) a full window has seen no acknowledgement; undefined while it is open. */
  get fullSince(): number | undefined {
    return this.#fullSince;
  }

  /** @param now steady milliseconds */
  sent(id: number, bytes: number, now: number): void {
    this.#outstanding.set(id, bytes);
    this.#bytes += bytes;
    if (!this.isOpen) this.#fullSince = now;
  }

  /** @returns whether there was such a push; others are ignored */
  acknowledge(id: number, now: number): boolean {
    const bytes = this.#outstanding.get(id);
    if (bytes === undefined) return false;
    this.#outstanding.delete(id);
    this.#bytes -= bytes;
    this.#fullSince = this.isOpen ? undefined : now;
    return true;
  }
}
