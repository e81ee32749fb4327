export interface StreamLimits {
  /** Milliseconds without a byte. */
  readonly silenceMs: number;
  /** Milliseconds in all. */
  readonly limitMs: number;
}

/**
 * Ends a stream that fell silent or outlives its time: after a network drop no close ever comes
 * (docs/reference/exchange.md §12.4). Also passes on the caller's own signal.
 */
export class StreamWatchdog {
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #silence: NodeJS.Timeout;
  readonly #limit: NodeJS.Timeout;
  #expired: string | null = null;
  readonly #abort = (): void => this.#controller.abort(this.#outer?.reason);

  constructor({ silenceMs, limitMs }: StreamLimits, outer: AbortSignal | undefined) {
    this.#outer = outer;
    outer?.addEventListener('abort', this.#abort, { once: true });
    if (outer?.aborted) this.#abort();
    this.#silence = setTimeout(() => this.#expire(`the stream was silent for ${silenceMs} ms`), silenceMs);
    this.#limit = setTimeout(() => this.#expire(`the stream is still open after ${limitMs} ms`), limitMs);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What it ended the stream for; null while it did not. */
  get expired(): string | null {
    return this.#expired;
  }

  /** Bytes came. */
  heard(): void {
    this.#silence.refresh();
  }

  end(): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#limit);
    this.#outer?.removeEventListener('abort', this.#abort);
  }

  #expire(why: string): void {
    if (this.#controller.signal.aborted) return;
    this.#expired = why;
    this.#controller.abort(new Error(why));
  }
}
