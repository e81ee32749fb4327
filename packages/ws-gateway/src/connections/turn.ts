/**
 * Lets one thing happen to a socket at a time: a request or a delivery. Whoever reads later then also sends later, so a
 * client never sees the calendar go back.
 */
export class Turn {
  #taken = false;
  readonly #waiting: (() => void)[] = [];

  /** Takes the turn if nobody has or awaits it. */
  tryTake(): boolean {
    if (this.#taken) return false;
    this.#taken = true;
    return true;
  }

  /** Waits for the turn; first come, first served. */
  async take(): Promise<void> {
    if (this.tryTake()) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Passes it on. */
  give(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken = false;
  }
}
