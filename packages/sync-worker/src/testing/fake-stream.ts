import type { Affinity, StreamEvent, StreamRequest } from 'ews-client';

/** A stream of a `FakeReader`: a test says what comes out of it, and how it ends. */
export class FakeStream implements AsyncIterable<StreamEvent> {
  readonly affinity: Affinity;
  readonly subscriptionIds: readonly string[];
  /** How long it was asked for. */
  readonly connectionMinutes: number;
  readonly #signal: AbortSignal;
  readonly #waiting: StreamEvent[] = [{ kind: 'opened' }];
  #failure: unknown;
  #wake = (): void => undefined;
  #ended = false;

  constructor(affinity: Affinity, { subscriptionIds, connectionMinutes }: StreamRequest, signal: AbortSignal) {
    this.affinity = affinity;
    this.subscriptionIds = subscriptionIds;
    this.connectionMinutes = connectionMinutes;
    this.#signal = signal;
    signal.addEventListener('abort', () => this.fail(signal.reason));
  }

  /** Whether nobody reads it any more. */
  get ended(): boolean {
    return this.#ended;
  }

  push(...events: StreamEvent[]): void {
    this.#waiting.push(...events);
    this.#wake();
  }

  /** Something happened to the mailbox of a subscription. */
  change(subscriptionId: string): void {
    this.push({ kind: 'modified', subscriptionId, at: null, itemId: null });
  }

  /** It is refused before it opens. */
  refuse(error: unknown): void {
    this.#waiting.length = 0;
    this.fail(error);
  }

  fail(error: unknown): void {
    this.#failure ??= error;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<StreamEvent, void, undefined> {
    try {
      this.#signal.throwIfAborted();
      while (true) {
        const event = this.#waiting.shift();
        if (event !== undefined) {
          yield event;
          if (event.kind === 'closed' || event.kind === 'refused') return;
        } else if (this.#failure !== undefined) throw this.#failure;
        else
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
      }
    } finally {
      this.#ended = true;
    }
  }
}
