/** Refused requests in a row after which a client is thought not to listen. */
const MOST_REFUSALS = 100;

export interface RequestRate {
  readonly requestsPerSecond: number;
  readonly requestBurst: number;
}

/** Token bucket of one socket. */
export class RequestBudget {
  #tokens: number | undefined;
  #at = 0;
  #refusals = 0;

  /**
   * Takes one request from the budget.
   *
   * @param now steady milliseconds
   * @returns `refuse` when it is spent, `close` for a client that goes on regardless
   */
  take(now: number, { requestsPerSecond, requestBurst }: RequestRate): 'grant' | 'refuse' | 'close' {
    const filled = (this.#tokens ?? requestBurst) + ((now - this.#at) / 1000) * requestsPerSecond;
    this.#tokens = Math.min(requestBurst, filled);
    this.#at = now;
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      this.#refusals = 0;
      return 'grant';
    }
    this.#refusals++;
    return this.#refusals > MOST_REFUSALS ? 'close' : 'refuse';
  }
}
