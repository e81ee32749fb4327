import type { MailboxLease } from 'calendar-db/sync';
import { StaleLeaseError } from './stale-lease-error.ts';

/** Before its end a lease counts as lost here: the database counted from earlier. */
const MARGIN = 0.1;

/**
 * A lease as its holder may rely on it: work under it is aborted when the lease is over by this process's steady clock,
 * even while the database, which could tell, is out of reach. So no two workers synchronize one mailbox.
 */
export class LeaseHold {
  readonly lease: MailboxLease;
  readonly #aborter = new AbortController();
  readonly #leaseSeconds: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param since `performance.now()` before the lease was asked for */
  constructor(lease: MailboxLease, leaseSeconds: number, since: number) {
    this.lease = lease;
    this.#leaseSeconds = leaseSeconds;
    this.renewed(since);
  }

  /** Fires with the reason when the work is to end. */
  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  /** @param since `performance.now()` before the renewal was asked for */
  renewed(since: number): void {
    clearTimeout(this.#timer);
    const left = this.#leaseSeconds * 1000 * (1 - MARGIN) - (performance.now() - since);
    this.#timer = setTimeout(() => this.abort(new StaleLeaseError(this.lease.address)), Math.max(0, left));
  }

  abort(reason: Error): void {
    this.#aborter.abort(reason);
  }

  /** The work has ended. */
  end(): void {
    clearTimeout(this.#timer);
  }
}
