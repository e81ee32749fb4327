export type HealthState = 'ok' | 'degraded' | 'unready';

export interface CheckResult {
  readonly state: HealthState;
  /** One sentence for people; what to do where there is something. No secrets. */
  readonly detail: string;
  /** When it was found, ISO 8601, by this machine's clock; null before the first time. */
  readonly at: string | null;
}

export interface HealthReport {
  readonly state: HealthState;
  /** Whether the worker does its work; degraded is ready. */
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, CheckResult>>;
}

/** One named aspect of a worker's health, told by whoever knows it. Nothing told for `maxAgeMs` means unready. */
export class HealthCheck {
  readonly #maxAgeMs: number;
  readonly #now: () => number;
  #state: HealthState = 'unready';
  #detail = 'not checked yet';
  #at: number | null = null;

  /** @param maxAgeMs how long an answer counts, milliseconds; Infinity for what holds until told otherwise */
  constructor(maxAgeMs: number, now: () => number) {
    this.#maxAgeMs = maxAgeMs;
    this.#now = now;
  }

  ok(detail = ''): void {
    this.#set('ok', detail);
  }

  /** Works, but somebody should look: a denied mailbox, a server that does not answer. */
  degraded(detail: string): void {
    this.#set('degraded', detail);
  }

  /** Does not do its work. */
  unready(detail: string): void {
    this.#set('unready', detail);
  }

  result(): CheckResult {
    const at = this.#at === null ? null : new Date(this.#at).toISOString();
    if (this.#at !== null && this.#now() - this.#at > this.#maxAgeMs) {
      const seconds = Math.round((this.#now() - this.#at) / 1000);
      const detail = `not checked for ${seconds} s; last: ${this.#state}${this.#detail ? `, ${this.#detail}` : ''}`;
      return { state: 'unready', detail, at };
    }
    return { state: this.#state, detail: this.#detail, at };
  }

  #set(state: HealthState, detail: string): void {
    this.#state = state;
    this.#detail = detail;
    this.#at = this.#now();
  }
}

/** What a computed check comes to. */
interface ComputedHealth {
  readonly state: HealthState;
  readonly detail: string;
  /** Not known yet, since what it depends on is still being started. */
  readonly pending?: boolean;
}

/** The health of one worker: named checks, each fresh or unready. */
export class Health {
  readonly #checks = new Map<string, () => CheckResult>();
  readonly #now: () => number;

  /** @param now unix milliseconds, for tests */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** Adds a check that somebody keeps telling. It is unready until told the first time. */
  check(name: string, options: { readonly maxAgeMs: number }): HealthCheck {
    const check = new HealthCheck(options.maxAgeMs, this.#now);
    this.#checks.set(name, () => check.result());
    return check;
  }

  /**
   * Adds a check that is worked out whenever the report is read. What `evaluate` throws makes it unready.
   *
   * @param evaluate the answer; `pending` says that it is not known yet, as before the first answer of an ordinary check
   */
  computed(name: string, evaluate: () => ComputedHealth): void {
    this.#checks.set(name, () => {
      const at = new Date(this.#now()).toISOString();
      try {
        const { state, detail, pending = false } = evaluate();
        return { state, detail, at: pending ? null : at };
      } catch (error) {
        return { state: 'unready', detail: `cannot be told: ${(error as Error).message}`, at };
      }
    });
  }

  remove(name: string): void {
    this.#checks.delete(name);
  }

  report(): HealthReport {
    const checks = Object.fromEntries([...this.#checks].map(([name, result]) => [name, result()]));
    const states = Object.values(checks).map((check) => check.state);
    const state = states.includes('unready') ? 'unready' : states.includes('degraded') ? 'degraded' : 'ok';
    return { state, ready: state !== 'unready', checks };
  }
}
