/** Budgets grow so long after a worker left: what it had under way may still be. */
const GROW_AFTER_MS = 12_000;

/** By how many live workers a budget is divided: more of them count at once, fewer a lease later. */
export class WorkerShare {
  readonly #growAfterMs: number;
  #workers = 0;
  #fewerSince: number | null = null;

  constructor(growAfterMs = GROW_AFTER_MS) {
    this.#growAfterMs = growAfterMs;
  }

  /** @returns the number to divide by now */
  among(workers: number): number {
    const now = performance.now();
    if (workers >= this.#workers) this.#fewerSince = null;
    else this.#fewerSince ??= now;
    if (workers > this.#workers || (this.#fewerSince !== null && now - this.#fewerSince >= this.#growAfterMs)) {
      this.#workers = workers;
      this.#fewerSince = null;
    }
    return this.#workers;
  }
}
