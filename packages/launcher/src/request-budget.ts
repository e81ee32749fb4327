import PQueue from 'p-queue';

/** What a request is for, with how urgent it is: starts go before everything else. */
const URGENCY = {
  run: 90,
  checkRun: 80,
  ring: 70,
  stop: 60,
  create: 50,
  change: 40,
  look: 30,
  delete: 20,
  lookUp: 15,
  watch: 10,
} as const;

export type Purpose = keyof typeof URGENCY;

/**
 * How many requests one TrueConf Server may get from this launcher: so many in any second and so many at the same time;
 * what does not fit waits, the most urgent first.
 */
export class RequestBudget {
  readonly #concurrency: number;
  #queue: PQueue;
  #cap: number;
  #windowMs: number;
  /** Steady times of the requests sent within the last window, oldest first. */
  #sent: number[] = [];

  /** @param perSecond may be a fraction. @param concurrency requests at the same time */
  constructor(perSecond: number, concurrency: number) {
    this.#concurrency = concurrency;
    [this.#cap, this.#windowMs] = window(perSecond);
    this.#queue = this.#newQueue();
  }

  /** Another rate from now on; what waits keeps its place under the old one. */
  resize(perSecond: number): void {
    const [cap, windowMs] = window(perSecond);
    if (cap === this.#cap && windowMs === this.#windowMs) return;
    [this.#cap, this.#windowMs] = [cap, windowMs];
    this.#queue = this.#newQueue();
  }

  /** How many requests could be sent this instant. */
  free(): number {
    this.#forgetOld();
    const bySecond = this.#cap - this.#sent.length;
    const byConcurrency = this.#concurrency - this.#queue.pending;
    return Math.max(0, Math.min(bySecond, byConcurrency) - this.#queue.size);
  }

  /** Milliseconds until the rate allows another request; 0 when it does now. */
  freeInMs(): number {
    this.#forgetOld();
    const [oldest] = this.#sent;
    if (this.#sent.length < this.#cap || oldest === undefined) return 0;
    return Math.max(1, oldest + this.#windowMs - performance.now());
  }

  /** Sends when it is this request's turn. @throws what `send` throws, and when `signal` ends the waiting */
  add<Result>(purpose: Purpose, send: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const options = { priority: URGENCY[purpose], ...(signal && { signal }) };
    return this.#queue.add(() => {
      this.#sent.push(performance.now());
      return send();
    }, options);
  }

  #newQueue(): PQueue {
    const rate = { intervalCap: this.#cap, interval: this.#windowMs, strict: true };
    return new PQueue({ concurrency: this.#concurrency, ...rate });
  }

  #forgetOld(): void {
    const horizon = performance.now() - this.#windowMs;
    while ((this.#sent[0] ?? Number.POSITIVE_INFINITY) <= horizon) this.#sent.shift();
  }
}

/** Whole requests per window, as the queue counts them; slower than one a second makes the window longer. */
function window(perSecond: number): [cap: number, windowMs: number] {
  return perSecond >= 1 ? [Math.floor(perSecond), 1_000] : [1, 1_000 / perSecond];
}
