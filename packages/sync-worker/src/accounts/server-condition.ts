import { EwsError } from 'ews-client';
import type { Logger } from 'worker-kit';
import { ServerHeldError } from './server-held-error.ts';

/** So many calls in a row that fail for the host's sake make it count as down: one broken socket does not. */
const DOWN_AFTER = 3;
/** The same for what does not pass by itself: a proxy may have answered once in the server's place. */
const SURELY_DOWN_AFTER = 2;
const FIRST_HOLD_MS = 1_000;
const LONGEST_HOLD_MS = 30_000;
/** For what does not pass by itself. */
const OPERATOR_HOLD_MS = 60_000;

interface Down {
  readonly reason: string;
  readonly since: number;
  holds: number;
}

/**
 * Whether a calendar server answers (a circuit breaker, ews.md §10). While it does not, it is asked by one call at a time
 * with growing pauses, and everybody else is told to wait: people hear of it once when it goes and once when it is back,
 * not once per mailbox.
 */
export class ServerCondition {
  readonly #provider: string;
  readonly #log: Logger;
  /** Calls in a row that failed for the host's sake, and mailboxes that got no answer meanwhile. */
  #failures = 0;
  readonly #silent = new Set<string | null>();
  #down: Down | null = null;
  #heldUntil = 0;
  #probe: Promise<unknown> | null = null;
  #closed = false;

  constructor(provider: string, log: Logger) {
    this.#provider = provider;
    this.#log = log;
  }

  /** What is wrong, in a sentence; null when it answers. */
  get down(): string | null {
    return this.#down?.reason ?? null;
  }

  /** Milliseconds in which it is not to be asked; 0 when it may be. */
  get heldMs(): number {
    return Math.max(0, this.#heldUntil - performance.now());
  }

  /** From here on calls that end say nothing about the server: they are cut by us. */
  close(): void {
    this.#closed = true;
  }

  /**
   * Makes a call unless the server is held, and learns from how it ends.
   * @throws ServerHeldError when the call was not made; what `work` throws
   */
  async guard<Result>(mailbox: string, work: () => Promise<Result>): Promise<Result> {
    while (this.#down !== null) {
      if (this.heldMs > 0) throw new ServerHeldError(this.#provider, mailbox, this.heldMs);
      if (this.#probe === null) return this.#probeWith(mailbox, work);
      await this.#probe;
    }
    return this.#observed(mailbox, work);
  }

  async #probeWith<Result>(mailbox: string, work: () => Promise<Result>): Promise<Result> {
    const call = this.#observed(mailbox, work);
    this.#probe = call
      .catch(() => undefined)
      .then(() => {
        this.#probe = null;
      });
    return call;
  }

  async #observed<Result>(mailbox: string, work: () => Promise<Result>): Promise<Result> {
    const began = performance.now();
    try {
      const result = await work();
      this.#answered(began);
      return result;
    } catch (error) {
      if (this.#closed || !(error instanceof EwsError)) throw error;
      this.#judge(error, began);
      // That no answer came is not about this mailbox any more: it was said once for the server.
      throw this.#down !== null && isSilence(error) ? new ServerHeldError(this.#provider, mailbox, this.heldMs) : error;
    }
  }

  #judge(error: EwsError, began: number): void {
    if (error.scope === 'host') {
      this.#failures++;
      this.#failed(error);
    } else if (isSilence(error)) {
      // One mailbox may be served by a machine of its own; several without an answer in between are the host.
      this.#silent.add(error.mailbox);
      this.#failed(error);
    } else if (error.code !== 'ews-bad-request') {
      // Whatever it said about a mailbox or an account: it is there.
      this.#answered(began);
    }
  }

  /** @param began when the call was made: one from before the trouble says nothing of what came after it */
  #answered(began: number): void {
    if (this.#down !== null && began < this.#down.since) return;
    this.#failures = 0;
    this.#silent.clear();
    if (this.#down === null) return;
    const seconds = Math.round((performance.now() - this.#down.since) / 1000);
    this.#down = null;
    this.#heldUntil = 0;
    this.#log.info('provider.back', `${this.#provider} answers again after ${seconds} s`, {
      provider: this.#provider,
      seconds,
    });
  }

  #failed(error: EwsError): void {
    const failures = this.#failures + this.#silent.size;
    const enough = error.errorClass === 'config' ? SURELY_DOWN_AFTER : DOWN_AFTER;
    const isSure = failures >= enough || this.#down !== null;
    if (!isSure) return;
    if (this.heldMs > 0) {
      // Calls that were under way when the hold began bring no news, unless they ask for more.
      this.#heldUntil = Math.max(this.#heldUntil, performance.now() + (error.backOffMs ?? 0));
      return;
    }
    this.#down ??= this.#goDown(error);
    const full = Math.min(LONGEST_HOLD_MS, FIRST_HOLD_MS * 2 ** Math.min(this.#down.holds++, 10));
    const hold = error.errorClass === 'config' ? OPERATOR_HOLD_MS : full;
    this.#heldUntil = performance.now() + Math.max(error.backOffMs ?? 0, hold);
  }

  #goDown(error: EwsError): Down {
    const level = error.errorClass === 'config' ? 'error' : 'warn';
    const message = `${this.#provider} cannot be used, its mailboxes wait and their caches stay: ${error.message}`;
    this.#log.log(level, 'provider.down', message, { provider: this.#provider, error });
    return { reason: `${this.#provider}: ${error.message}`, since: performance.now(), holds: 0 };
  }
}

/** No word of Exchange: a status of whatever stands before it, or nothing at all. */
function isSilence(error: EwsError): boolean {
  return error.code === 'ews-timeout' || (error.code === 'ews-http' && (error.httpStatus ?? 0) >= 500);
}
