/**
 * Bounds how many calls run at the same time; the others wait in the order of their coming. A call that nobody waits for any
 * more keeps its slot until it ends.
 */
export class CallSlots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** @throws the signal's reason, also while `call` is under way; what `call` throws */
  async run<Result>(signal: AbortSignal, call: () => Promise<Result>): Promise<Result> {
    signal.throwIfAborted();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      return await Promise.race([aborted, this.#inTurn(signal, call)]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async #inTurn<Result>(signal: AbortSignal, call: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      signal.throwIfAborted();
      return await call();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
