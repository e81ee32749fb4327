import type { Logger } from './log.ts';
import { type TroubleLine, TroubleLog } from './trouble-log.ts';

/** How patient a caller is with a server. Milliseconds. */
export interface ServerPatience {
  /** So many failures in a row make a server count as down. */
  readonly downAfter: number;
  /** The same for failures that do not pass by themselves. */
  readonly downAfterLasting: number;
  /** First pause while it is down; each next one is twice as long. */
  readonly firstHoldMs: number;
  readonly longestHoldMs: number;
  /** Pause after a failure that does not pass by itself. Default: as after any other. */
  readonly lastingHoldMs?: number;
  /** Upper bound of what a server may ask for. Default: none. */
  readonly longestAskedHoldMs?: number;
  /** Whether a pause that the server asks for is kept before it counts as down. Default: no. */
  readonly keepsFirstAskedHold?: boolean;
}

/** A failed call that speaks against the server as a whole. */
export interface ServerFailure {
  readonly message: string;
  /** It does not pass by itself: a person must act. */
  readonly isLasting: boolean;
  /** How long the server asks to be left alone, milliseconds. */
  readonly askedHoldMs: number;
  /** No answer of the server itself came: nothing at all, or a word of what stands before it. */
  readonly isSilence: boolean;
  /** Failures of one subject count once, since it may be served by a machine of its own. Default: each one counts. */
  readonly countsOncePer?: string | null;
}

/**
 * What a failed call says of the server: `answered`, it is there and said something about what was asked; `nothing`, such
 * as after a call that the caller itself ended; or a failure.
 */
export type ServerVerdict = 'answered' | 'nothing' | ServerFailure;

/** Of one guarded call. */
export interface GuardOptions {
  /** Ends the wait for another call. */
  readonly signal: AbortSignal;
  /** Makes the error of a call that is not made. @param heldMs until the server may be asked again, milliseconds */
  readonly held: (heldMs: number) => Error;
}

export interface ServerConditionOptions {
  readonly log: Logger;
  readonly patience: ServerPatience;
  readonly judge: (error: unknown) => ServerVerdict;
  /** The line of the log for a server that went down. */
  readonly downLine: (failure: ServerFailure, error: unknown) => TroubleLine;
  /** The line for one that answers again. @param seconds how long it was down */
  readonly backLine: (seconds: number) => TroubleLine;
  readonly onChange?: (isDown: boolean) => void;
}

const THE_SERVER = 'server';

interface Down {
  readonly reason: string;
  readonly since: number;
  holds: number;
}

/**
 * Whether a server answers (a circuit breaker). While it does not, one call at a time finds out, with growing pauses.
 * The log gets one line when the server goes down and one when it is back, not one per call.
 */
export class ServerCondition {
  readonly #options: ServerConditionOptions;
  readonly #troubles: TroubleLog;
  /** Failed calls in a row, and subjects whose failures count once. */
  #failures = 0;
  readonly #failedSubjects = new Set<string | null>();
  #down: Down | null = null;
  #heldUntil = 0;
  #probe: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: ServerConditionOptions) {
    this.#options = options;
    this.#troubles = new TroubleLog(options.log);
  }

  /** What is wrong, in a sentence; null when it answers. */
  get down(): string | null {
    return this.#down?.reason ?? null;
  }

  /** Milliseconds in which it is not to be asked; 0 when it may be. */
  get heldMs(): number {
    return Math.max(0, this.#heldUntil - performance.now());
  }

  /** How many of `wanted` calls may be made now: none while it is held, one while it is down. */
  allow(wanted: number): number {
    if (this.heldMs > 0) return 0;
    return this.#down === null ? wanted : Math.min(wanted, 1);
  }

  /** From now on calls that end say nothing about the server: the caller ends them. */
  close(): void {
    this.#isClosed = true;
  }

  /**
   * Makes a call unless the server is held. While it is down, one call finds out and the others wait for what it finds.
   *
   * @returns what `work` returns
   * @throws the error of `held` when the call was not made, or when it got no answer from a server that is down
   * @throws the signal's reason when it fires during the wait
   * @throws whatever `work` throws
   */
  async guard<Result>(options: GuardOptions, work: () => Promise<Result>): Promise<Result> {
    while (this.#down !== null) {
      if (this.heldMs > 0) throw options.held(this.heldMs);
      if (this.#probe === null) return this.#probeWith(options, work);
      await untilDoneOrAborted(this.#probe, options.signal);
    }
    return this.#guarded(options, work);
  }

  /**
   * Makes a call in any case and learns from how it ends. For calls that `allow` let through before.
   *
   * @returns what `work` returns
   * @throws whatever `work` throws
   */
  async observe<Result>(work: () => Promise<Result>): Promise<Result> {
    const began = performance.now();
    try {
      const result = await work();
      this.#answered(began);
      return result;
    } catch (error) {
      this.learn(error, began);
      throw error;
    }
  }

  /**
   * Learns from a failed call.
   *
   * @param began when the call was made, by `performance.now()`
   */
  learn(error: unknown, began: number = performance.now()): void {
    if (this.#isClosed) return;
    const verdict = this.#options.judge(error);
    if (verdict === 'nothing') return;
    if (verdict === 'answered') this.#answered(began);
    else this.#failed(verdict, error);
  }

  async #probeWith<Result>(options: GuardOptions, work: () => Promise<Result>): Promise<Result> {
    const call = this.#guarded(options, work);
    const forget = () => {
      this.#probe = null;
    };
    this.#probe = call.then(forget, forget);
    return call;
  }

  async #guarded<Result>({ held }: GuardOptions, work: () => Promise<Result>): Promise<Result> {
    try {
      return await this.observe(work);
    } catch (error) {
      // The log already has one line for the silence of a server that is down; the silence says nothing of what was asked.
      if (this.#down === null || this.#isClosed) throw error;
      const verdict = this.#options.judge(error);
      throw typeof verdict === 'object' && verdict.isSilence ? held(this.heldMs) : error;
    }
  }

  /** @param began when the call was made: one from before the trouble says nothing of what came after it */
  #answered(began: number): void {
    if (this.#down !== null && began < this.#down.since) return;
    this.#failures = 0;
    this.#failedSubjects.clear();
    this.#heldUntil = 0;
    if (this.#down === null) return;
    const seconds = Math.round((performance.now() - this.#down.since) / 1000);
    this.#down = null;
    this.#troubles.end(THE_SERVER, () => this.#options.backLine(seconds));
    this.#options.onChange?.(false);
  }

  #failed(failure: ServerFailure, error: unknown): void {
    const { patience } = this.#options;
    if (failure.countsOncePer === undefined) this.#failures++;
    else this.#failedSubjects.add(failure.countsOncePer);
    const askedMs = Math.min(failure.askedHoldMs, patience.longestAskedHoldMs ?? Number.POSITIVE_INFINITY);
    if (this.#down === null) {
      const enough = failure.isLasting ? patience.downAfterLasting : patience.downAfter;
      if (this.#failures + this.#failedSubjects.size < enough) {
        if (patience.keepsFirstAskedHold) this.#hold(askedMs);
        return;
      }
      this.#down = this.#goDown(failure, error);
    } else if (this.heldMs > 0) {
      // A call that was under way when the hold began brings no news, unless it asks for more.
      this.#hold(askedMs);
      return;
    }
    this.#hold(Math.max(askedMs, this.#nextHoldMs(failure, this.#down)));
  }

  #hold(ms: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, performance.now() + ms);
  }

  #nextHoldMs({ isLasting }: ServerFailure, down: Down): number {
    const { firstHoldMs, longestHoldMs, lastingHoldMs } = this.#options.patience;
    const full = Math.min(longestHoldMs, firstHoldMs * 2 ** Math.min(down.holds++, 10));
    if (isLasting && lastingHoldMs !== undefined) return lastingHoldMs;
    // Less by chance, so that many workers do not come back together.
    return full * (1 - Math.random() / 4);
  }

  #goDown(failure: ServerFailure, error: unknown): Down {
    this.#troubles.begin(THE_SERVER, 'down', this.#options.downLine(failure, error));
    this.#options.onChange?.(true);
    return { reason: failure.message, since: performance.now(), holds: 0 };
  }
}

/** Waits for `done`, which never rejects. @throws the signal's reason when it fires earlier */
async function untilDoneOrAborted(done: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise: aborted, resolve: onAbort } = Promise.withResolvers<void>();
  const abort = () => onAbort();
  signal.addEventListener('abort', abort, { once: true });
  await Promise.race([done, aborted]);
  signal.removeEventListener('abort', abort);
  signal.throwIfAborted();
}
