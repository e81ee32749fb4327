import type { CalendarDatabase } from 'calendar-db/database';
import { claimDueMailboxes, type ReachableMailboxes } from 'calendar-db/sync';
import { type Logger, type RunningState, runLoop, type Service } from 'worker-kit';
import type { GroupOwnership } from '../ownership/group-ownership.ts';
import type { SyncRunner } from './sync-runner.ts';

/** How long a newly owned group or a mailbox made due by somebody else may wait to be noticed. */
const LONGEST_SLEEP_MS = 1_000;
const SHORTEST_SLEEP_MS = 20;
/** After so long a mailbox that its group's owner leaves lying is taken by any worker that lists it. */
export const RESCUE_SECONDS = 60;

export interface SyncSchedulerOptions {
  readonly database: CalendarDatabase;
  readonly workerId: string;
  readonly running: RunningState;
  readonly log: Logger;
  readonly ownership: GroupOwnership;
  readonly runner: SyncRunner;
  /** Syncs at the same time. */
  readonly concurrency: () => number;
  readonly reachable: () => ReachableMailboxes;
  readonly rescueSeconds?: number;
}

/** Claims due mailboxes of the owned groups and hands them to the runner, as many as there is room for. */
export class SyncScheduler implements Service {
  readonly id = 'sync-scheduler';
  readonly #options: SyncSchedulerOptions;
  readonly #inHand = new Set<Promise<void>>();
  #loop: Promise<void> = Promise.resolve();

  constructor(options: SyncSchedulerOptions) {
    this.#options = options;
  }

  run(): Promise<void> {
    const { running, log } = this.#options;
    let pause = 0;
    this.#loop = runLoop(running, log, {
      name: 'sync scheduler',
      every: () => pause,
      once: async () => {
        pause = await this.#round();
      },
    });
    return this.#loop;
  }

  /** Looks at once: other groups or mailboxes are there. */
  wake(): void {
    this.#options.running.wake();
  }

  /** Ends the syncs in hand, and those that are being claimed at this moment; each gives its lease back. */
  async drain(): Promise<void> {
    this.#options.running.stop();
    this.#options.runner.drain();
    await this.#loop;
    await Promise.all(this.#inHand);
  }

  stop(): void {
    this.#options.running.stop();
  }

  /** Claims what is due. @returns milliseconds until it is worth looking again */
  async #round(): Promise<number> {
    const {
      database,
      workerId,
      ownership,
      runner,
      concurrency,
      reachable,
      rescueSeconds = RESCUE_SECONDS,
    } = this.#options;
    const limit = concurrency() - runner.active;
    if (limit <= 0) return LONGEST_SLEEP_MS;
    const { leaseSeconds } = runner;
    const since = performance.now();
    const { leases, nextSeconds } = await claimDueMailboxes(database, {
      ...{ workerId, groups: ownership.owned(), reachable: reachable(), limit, leaseSeconds, rescueSeconds },
      aheadSeconds: LONGEST_SLEEP_MS / 1000,
    });
    for (const lease of leases) {
      const sync = runner.run(lease, since).finally(() => {
        this.#inHand.delete(sync);
        this.#options.running.wake();
      });
      this.#inHand.add(sync);
    }
    if (leases.length === limit || nextSeconds === null) return LONGEST_SLEEP_MS;
    return Math.max(SHORTEST_SLEEP_MS, nextSeconds * 1000);
  }
}
