import type { CalendarDatabase } from 'calendar-db/database';
import { handBackLease, type MailboxLease, recordSyncFailure, renewLeases } from 'calendar-db/sync';
import type { Logger } from 'worker-kit';
import type { CalendarProvider } from './calendar-provider.ts';
import { errorCode, failurePolicy } from './failure-policy.ts';
import { HandedBackError } from './handed-back-error.ts';
import { LeaseHold } from './lease-hold.ts';
import { StaleLeaseError } from './stale-lease-error.ts';
import { SyncLog } from './sync-log.ts';
import { type SyncOutcome, type SyncSettings, syncMailbox } from './sync-mailbox.ts';
import type { SyncMetrics } from './sync-metrics.ts';

/** A lease outlives two missed renewals; after a crash a mailbox waits at most this long for its next owner. */
export const LEASE_SECONDS = 12;

export interface SyncRunnerOptions {
  readonly database: CalendarDatabase;
  readonly workerId: string;
  readonly log: Logger;
  readonly metrics: SyncMetrics;
  /** The provider of a mailbox; undefined when the configuration no longer has it. */
  readonly providerOf: (lease: MailboxLease) => CalendarProvider | undefined;
  readonly settings: (lease: MailboxLease) => SyncSettings;
  /** Told of changes, and of when they are in the database; absent where nobody listens. */
  readonly notices?: SyncNotices;
  readonly leaseSeconds?: number;
}

/** What syncs are to bring: moments at which this process learned of a change, `performance.now()`. */
export interface SyncNotices {
  /** What a sync that begins now is to bring; undefined when nothing is known to have changed. */
  take(mailbox: string): number | undefined;
  /** That sync failed: the next one is still to bring it. */
  giveBack(mailbox: string, toldAt: number | undefined): void;
  /** What was taken is in the database. */
  applied(toldAt: number | undefined): void;
}

/** Runs syncs of claimed mailboxes side by side and ends each lease: with a result, a failure, or handed back. */
export class SyncRunner {
  readonly leaseSeconds: number;
  readonly #options: SyncRunnerOptions;
  readonly #log: SyncLog;
  /** By hold, not by mailbox: one that lost its lease may end after the mailbox's next sync has begun. */
  readonly #running = new Set<LeaseHold>();
  #draining = false;
  #endedAt = performance.now();

  constructor(options: SyncRunnerOptions) {
    this.#options = options;
    this.leaseSeconds = options.leaseSeconds ?? LEASE_SECONDS;
    this.#log = new SyncLog(options.log);
  }

  get active(): number {
    return this.#running.size;
  }

  /** Milliseconds since a sync ended, whatever came of it, or since this worker began. */
  get idleMs(): number {
    return performance.now() - this.#endedAt;
  }

  /**
   * Synchronizes one mailbox. Never rejects: what goes wrong is recorded with the mailbox and logged once.
   * @param since `performance.now()` before the lease was asked for
   */
  async run(lease: MailboxLease, since: number): Promise<void> {
    const hold = new LeaseHold(lease, this.leaseSeconds, since);
    this.#running.add(hold);
    if (this.#draining) hold.abort(new HandedBackError(lease.address));
    const { notices, metrics } = this.#options;
    const toldAt = notices?.take(lease.address);
    const began = performance.now();
    try {
      const outcome = await this.#sync(lease, hold.signal);
      const ms = performance.now() - began;
      metrics.synced(outcome, ms);
      notices?.applied(toldAt);
      this.#log.succeeded(lease, outcome, ms);
    } catch (error) {
      notices?.giveBack(lease.address, toldAt);
      await this.#failed(lease, error, hold.signal).catch(() => this.#log.unrecorded(lease, error));
    } finally {
      hold.end();
      this.#running.delete(hold);
      this.#endedAt = performance.now();
    }
  }

  /** Prolongs the leases of all running syncs and ends those whose lease is lost. @throws the database's error */
  async renew(): Promise<void> {
    const holds = [...this.#running];
    if (holds.length === 0) return;
    const { database, workerId } = this.#options;
    const since = performance.now();
    const leases = holds.map(({ lease }) => lease);
    const held = await renewLeases(database, workerId, leases, this.leaseSeconds);
    for (const hold of holds) {
      // One that ended meanwhile gave its lease back: nothing was lost.
      if (!this.#running.has(hold)) continue;
      if (held.has(hold.lease)) hold.renewed(since);
      else hold.abort(new StaleLeaseError(hold.lease.address));
    }
  }

  /** Ends all syncs, those that are yet to come too; their mailboxes are due at once for their next owners. */
  drain(): void {
    this.#draining = true;
    this.abortWhere(() => true);
  }

  /** Ends some syncs; their mailboxes are due at once. */
  abortWhere(isMeant: (lease: MailboxLease) => boolean): void {
    for (const hold of this.#running) {
      if (isMeant(hold.lease)) hold.abort(new HandedBackError(hold.lease.address));
    }
  }

  async #sync(lease: MailboxLease, signal: AbortSignal): Promise<SyncOutcome> {
    const { database, providerOf, settings } = this.#options;
    signal.throwIfAborted();
    const provider = providerOf(lease);
    if (provider === undefined) throw new HandedBackError(lease.address);
    return syncMailbox(database, provider, lease, settings(lease), signal);
  }

  async #failed(lease: MailboxLease, error: unknown, signal: AbortSignal): Promise<void> {
    const { database, metrics } = this.#options;
    const cause: unknown = signal.aborted ? signal.reason : error;
    if (cause instanceof HandedBackError) return handBackLease(database, lease);
    if (cause instanceof StaleLeaseError) return this.#log.stale(lease, cause);
    const failure = failurePolicy(error, lease, Math.random());
    metrics.failed(errorCode(error));
    await recordSyncFailure(database, lease, failure);
    this.#log.failed(lease, error, failure);
  }
}
