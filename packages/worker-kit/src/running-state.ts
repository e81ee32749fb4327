import { setMaxListeners } from 'node:events';
import { FatalError } from './fatal-error.ts';
import type { Logger, LogLevel } from './log.ts';
import { describeError } from './redaction.ts';
import { TroubleLog } from './trouble-log.ts';

const FIRST_BACKOFF_MS = 25;
const LONGEST_BACKOFF_MS = 10_000;
/** A failure that goes on unchanged is said again this often. */
const REPEAT_AFTER_MS = 60_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * What every loop is written with: whether to go on, sleeping that ends when the process stops, and waiting after a
 * failure. A worker has one; each of its loops takes a `child`, which stops with it and has its own wake-up and back-off.
 */
export class RunningState {
  /** Fires when no more work is to be taken: the first signal, or `stop()`. */
  readonly stopping: AbortSignal;
  /** Fires when work in hand is to be dropped: the second signal, or ten seconds after the first. */
  readonly aborting: AbortSignal;
  readonly #name: string;
  readonly #log: Logger;
  readonly #troubles: TroubleLog;
  readonly #stopper = new AbortController();
  readonly #aborter = new AbortController();
  readonly #sleepers = new Set<() => void>();
  #woken = false;
  #failures = 0;

  constructor(name: string, log: Logger, parent?: RunningState) {
    this.#name = name;
    this.#log = log;
    this.#troubles = new TroubleLog(log, { repeatAfterMs: REPEAT_AFTER_MS, writesBetween: false });
    this.stopping = parent ? AbortSignal.any([parent.stopping, this.#stopper.signal]) : this.#stopper.signal;
    this.aborting = parent ? AbortSignal.any([parent.aborting, this.#aborter.signal]) : this.#aborter.signal;
    setMaxListeners(0, this.stopping, this.aborting);
  }

  shouldRun(): boolean {
    return !this.stopping.aborted;
  }

  /** Failures in a row since the last `resetBackoff`. */
  get failures(): number {
    return this.#failures;
  }

  /**
   * Waits. Ends early on stop and on `wake()`; a wake-up that comes while nobody sleeps ends the next sleep at once, so
   * that none is lost between reading and sleeping.
   * @param ms milliseconds; Infinity waits for a wake-up alone
   */
  async sleep(ms: number): Promise<void> {
    if (this.#woken) {
      this.#woken = false;
      return;
    }
    await this.#pause(ms, true);
  }

  /** Ends the sleep of this loop now, or its next one if it is not asleep. A back-off is not cut short. */
  wake(): void {
    if (this.#sleepers.size === 0) this.#woken = true;
    for (const end of [...this.#sleepers]) end();
  }

  /**
   * Says what failed and waits before the next try: 25, 50, 100 … ms up to 10 s, each less up to a quarter by chance,
   * so that many workers do not come back together. The longer the wait, the more serious the log entry (info under a
   * second, warn, error at the longest); a failure that stays the same is said once a minute. Ends early on stop only.
   * @param options quiet: said at debug only, because something else tells people
   * @throws FatalError when `error` is one: waiting does not help there
   */
  async backoff(error: unknown, options: { readonly quiet?: boolean } = {}): Promise<void> {
    if (error instanceof FatalError) throw error;
    if (!this.shouldRun()) return;
    const full = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(this.#failures, 20));
    const delay = Math.round(full * (1 - Math.random() / 4));
    this.#failures++;
    this.#say(error, full, delay, options.quiet ?? false);
    await this.#pause(delay, false);
  }

  /** A healthy sign: the next failure starts again at 25 ms. */
  resetBackoff(): void {
    const failures = this.#failures;
    this.#failures = 0;
    this.#troubles.end(this.#name, ({ level }) => {
      if (level !== 'warn' && level !== 'error') return null;
      const message = `${this.#name} works again after ${failures} failures`;
      return { level: 'info', event: 'loop.recovered', message, fields: { loop: this.#name } };
    });
  }

  /** A loop of its own that stops and aborts with this one. */
  child(name: string): RunningState {
    return new RunningState(name, this.#log, this);
  }

  /** Takes no more work, here and in all children. */
  stop(): void {
    this.#stopper.abort();
  }

  /** Drops work in hand, here and in all children; stops first. */
  abort(): void {
    this.#stopper.abort();
    this.#aborter.abort();
  }

  #say(error: unknown, full: number, delay: number, quiet: boolean): void {
    const level: LogLevel = quiet ? 'debug' : full < 1_000 ? 'info' : full < LONGEST_BACKOFF_MS ? 'warn' : 'error';
    this.#troubles.begin(this.#name, String(describeError(error).code), {
      level,
      event: 'loop.failed',
      message: `${this.#name} failed ${this.#failures} time(s) in a row and will try again`,
      fields: { loop: this.#name, failures: this.#failures, delayMs: delay, error },
    });
  }

  #pause(ms: number, wakeable: boolean): Promise<void> {
    if (!this.shouldRun() || ms <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.stopping.removeEventListener('abort', end);
        this.#sleepers.delete(end);
        resolve();
      };
      const timer = ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(end, Math.min(ms, LONGEST_TIMER_MS));
      this.stopping.addEventListener('abort', end, { once: true });
      if (wakeable) this.#sleepers.add(end);
    });
  }
}
