import { type CalendarDatabase, handBackLease, type MailboxLease, recordSyncFailure, renewLeases } from 'calendar-db';
import type { Logger } from 'worker-kit';
import type { CalendarProvider } from '../provider/calendar-provider.ts';
import { errorCode, failurePolicy } from './failure-policy.ts';
import { StaleLeaseError } from './stale-lease-error.ts';
import { type SyncOutcome, type SyncSettings, syncMailbox } from './sync-mailbox.ts';
import type { SyncMetrics } from './sync-metrics.ts';

/** A lease outlives two missed renewals; after a crash a mailbox waits at most this long for its next owner. */
export const LEASE_SECONDS = 12;

interface Running {
  readonly lease: MailboxLease;
  readonly aborter: AbortController;
}

export interface SyncRunnerOptions {
  readonly database: CalendarDatabase;
  readonly workerId: string;
  readonly log: Logger;
  readonly metrics: SyncMetrics;
  /** The provider of a mailbox; undefined when the configuration no longer has it. */
  readonly providerOf: (lease: MailboxLease) => CalendarProvider | undefined;
  readonly settings: () => SyncSettings;
}

/** Runs syncs of claimed mailboxes side by side and ends each lease: with a result, a failure, or handed back. */
export class SyncRunner {
  readonly #options: SyncRunnerOptions;
  readonly #running = new Map<number, Running>();

  constructor(options: SyncRunnerOptions) {
    this.#options = options;
  }

  get active(): number {
    return this.#running.size;
  }

  /** Synchronizes one mailbox. Never rejects: what goes wrong is recorded with the mailbox and logged once. */
  async run(lease: MailboxLease): Promise<void> {
    const aborter = new AbortController();
    this.#running.set(lease.mailboxId, { lease, aborter });
    const began = performance.now();
    try {
      const outcome = await this.#sync(lease, aborter.signal);
      this.#succeeded(lease, outcome, performance.now() - began);
    } catch (error) {
      await this.#failed(lease, error, aborter.signal).catch((failure: unknown) => {
        // The lease runs out by itself; the mailbox is due again then.
        this.#options.log.debug('sync.unrecorded', 'a failed sync could not be recorded', { error: failure });
      });
    } finally {
      this.#running.delete(lease.mailboxId);
    }
  }

  /** Prolongs the leases of all running syncs and ends those whose lease is lost. @throws the database's error */
  async renew(): Promise<void> {
    const running = [...this.#running.values()];
    if (running.length === 0) return;
    const { database, workerId } = this.#options;
    const leases = running.map(({ lease }) => lease);
    const held = await renewLeases(database, workerId, leases, LEASE_SECONDS);
    for (const { lease, aborter } of running) {
      if (!held.has(lease.mailboxId)) aborter.abort(new StaleLeaseError(lease.address));
    }
  }

  /** Ends all running syncs; their mailboxes are due at once for their next owners. */
  abort(): void {
    for (const { aborter } of this.#running.values()) aborter.abort(new DrainingError());
  }

  async #sync(lease: MailboxLease, signal: AbortSignal): Promise<SyncOutcome> {
    const { database, providerOf, settings } = this.#options;
    const provider = providerOf(lease);
    if (provider === undefined) throw new DrainingError();
    return syncMailbox(database, provider, lease, settings(), signal);
  }

  #succeeded(lease: MailboxLease, outcome: SyncOutcome, ms: number): void {
    const { log, metrics } = this.#options;
    metrics.synced(outcome, ms);
    const fields = { mailbox: lease.address, ...outcome, ms: Math.round(ms) };
    if (!lease.cached) {
      log.info('mailbox.cached', `${lease.address} is cached: ${outcome.written} events`, fields);
    } else if (lease.failures > 0) {
      log.info('mailbox.recovered', `${lease.address} synchronizes again after ${lease.failures} failures`, fields);
    } else if (outcome.viewed) {
      log.debug('mailbox.synced', `${lease.address}: ${outcome.written} events changed`, fields);
    }
    if (outcome.skipped + outcome.unreadable > 0) {
      log.warn(
        'mailbox.items-skipped',
        `${lease.address}: ${outcome.skipped + outcome.unreadable} calendar items could not be read and keep what was known of them`,
        fields,
      );
    }
  }

  async #failed(lease: MailboxLease, error: unknown, signal: AbortSignal): Promise<void> {
    const { database, log, metrics } = this.#options;
    const cause = signal.aborted ? signal.reason : error;
    if (cause instanceof DrainingError) return handBackLease(database, lease);
    if (cause instanceof StaleLeaseError) {
      log.info('sync.stale', cause.message, { mailbox: lease.address });
      return;
    }
    const failure = failurePolicy(error, lease, Math.random());
    metrics.failed(errorCode(error));
    const fields = {
      mailbox: lease.address,
      failures: lease.failures + 1,
      retrySeconds: Math.round(failure.retrySeconds),
      error,
    };
    const message = `${lease.address} was not synchronized, next try in ${Math.round(failure.retrySeconds)} s: ${(error as Error).message}`;
    if (failure.status === 'denied' || lease.failures > 0) log.warn('sync.failed', message, fields);
    else log.info('sync.failed', message, fields);
    await recordSyncFailure(database, lease, failure);
  }
}

/** The worker is going, or the mailbox is no longer its to synchronize. */
class DrainingError extends Error {
  readonly code = 'sync-draining';
}
