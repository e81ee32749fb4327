import { type CalendarDatabase, claimDueMailboxes, secondsToNextDue } from 'calendar-db';
import { type Logger, type RunningState, runLoop, type Service } from 'worker-kit';
import type { GroupOwnership } from '../ownership/group-ownership.ts';
import { LEASE_SECONDS, type SyncRunner } from './sync-runner.ts';

/** How long a newly owned group or a mailbox made due by somebody else may wait to be noticed. */
const LONGEST_SLEEP_MS = 1_000;
const SHORTEST_SLEEP_MS = 20;

export interface SyncSchedulerOptions {
  readonly database: CalendarDatabase;
  readonly workerId: string;
  readonly running: RunningState;
  readonly log: Logger;
  readonly ownership: GroupOwnership;
  readonly runner: SyncRunner;
  /** Syncs at the same time. */
  readonly concurrency: () => number;
  /** Canonical addresses that the configuration lists. */
  readonly addresses: () => readonly string[];
}

/** Claims due mailboxes of the owned groups and hands them to the runner, as many as there is room for. */
export class SyncScheduler implements Service {
  readonly id = 'sync-scheduler';
  readonly #options: SyncSchedulerOptions;
  readonly #inHand = new Set<Promise<void>>();

  constructor(options: SyncSchedulerOptions) {
    this.#options = options;
  }

  async run(): Promise<void> {
    const { running, log } = this.#options;
    let pause = 0;
    await runLoop(running, log, {
      name: 'sync scheduler',
      every: () => pause,
      once: async () => {
        pause = await this.#round();
      },
    });
  }

  /** Ends the syncs in hand; each gives its lease back. */
  async drain(): Promise<void> {
    this.#options.runner.abort();
    await Promise.all(this.#inHand);
  }

  stop(): void {
    this.#options.running.stop();
  }

  /** Claims what is due. @returns milliseconds until it is worth looking again */
  async #round(): Promise<number> {
    const { database, workerId, ownership, runner, concurrency, addresses } = this.#options;
    const groups = ownership.owned();
    const limit = concurrency() - runner.active;
    if (limit <= 0 || groups.length === 0) return LONGEST_SLEEP_MS;
    const request = { workerId, groups, limit, leaseSeconds: LEASE_SECONDS, addresses: addresses() };
    const leases = await claimDueMailboxes(database, request);
    for (const lease of leases) {
      const sync = runner.run(lease).finally(() => {
        this.#inHand.delete(sync);
        this.#options.running.wake();
      });
      this.#inHand.add(sync);
    }
    if (leases.length === limit) return LONGEST_SLEEP_MS;
    const seconds = await secondsToNextDue(database, groups, addresses());
    const ms = seconds === null ? LONGEST_SLEEP_MS : Math.max(SHORTEST_SLEEP_MS, seconds * 1000);
    return Math.min(LONGEST_SLEEP_MS, ms);
  }
}
