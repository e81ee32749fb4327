/** How long a claim is its launcher's; after that another one takes over. */
export const LEASE_MS = 15_000;
/** A request is over, one way or the other, well before its claim's lease. */
export const REQUEST_TIMEOUT_MS = 8_000;
/** For what happens between our check and the wire, and for unequal clocks. */
const MARGIN_MS = 1_000;

/** The claim ends before an answer could be waited for: nothing was sent. */
export class LeaseEndingError extends Error {
  readonly code = 'conference-lease-ending';

  constructor() {
    super('the claim would end before the answer could come; nothing was sent');
    this.name = new.target.name;
  }
}

/** The claim was taken over by another launcher: nothing more may be sent. */
export class LeaseLostError extends Error {
  readonly code = 'conference-lease-lost';

  constructor() {
    super('another launcher has taken the conference over');
    this.name = new.target.name;
  }
}

/**
 * How long a claimed conference may still be worked on, by this process's steady clock, counted from before the claim was
 * asked for, so never longer than the database thinks.
 */
export class StepLease {
  readonly #renew: () => Promise<boolean>;
  readonly #now: () => number;
  #endsAt: number;

  /**
   * @param claimedAt steady time before the claim was sent
   * @param renew asks for another `LEASE_MS`; false when the claim is somebody else's by now
   */
  constructor(claimedAt: number, renew: () => Promise<boolean>, now: () => number = () => performance.now()) {
    this.#renew = renew;
    this.#now = now;
    this.#endsAt = claimedAt + LEASE_MS;
  }

  /** Makes sure that a whole request fits in. @throws LeaseLostError when the claim was taken over */
  async ensure(): Promise<void> {
    if (this.#fits()) return;
    const asked = this.#now();
    if (!(await this.#renew())) throw new LeaseLostError();
    this.#endsAt = asked + LEASE_MS;
  }

  /** At the last moment before a request is sent. @throws LeaseEndingError when its answer could not be waited for */
  check(): void {
    if (!this.#fits()) throw new LeaseEndingError();
  }

  #fits(): boolean {
    return this.#now() + REQUEST_TIMEOUT_MS + MARGIN_MS <= this.#endsAt;
  }
}
