import { type CalendarDatabase, claimDueMailboxes, type ListedMailbox, readDueMailboxes } from 'calendar-db';
import { type Logger, type RunningState, runLoop, type Service } from 'worker-kit';
import type { GroupOwnership } from '../ownership/group-ownership.ts';
import type { SyncRunner } from './sync-runner.ts';

/** How long a newly owned group or a mailbox made due by somebody else may wait to be noticed. */
const LONGEST_SLEEP_MS = 1_000;
const SHORTEST_SLEEP_MS = 20;
/** So often mailboxes of other groups are looked for that their owners leave lying. */
const RESCUE_LOOK_MS = 5_000;
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
  /** Mailboxes that the configuration lists and whose servers may be asked now. */
  readonly reachable: () => readonly ListedMailbox[];
  readonly rescueSeconds?: number;
}

/** Claims due mailboxes of the owned groups and hands them to the runner, as many as there is room for. */
export class SyncScheduler implements Service {
  readonly id = 'sync-scheduler';
  readonly #options: SyncSchedulerOptions;
  readonly #inHand = new Set<Promise<void>>();
  #loop: Promise<void> = Promise.resolve();
  #rescuedAt = Number.NEGATIVE_INFINITY;

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
    const groups = ownership.owned();
    const limit = concurrency() - runner.active;
    const listed = reachable();
    if (limit <= 0 || listed.length === 0) return LONGEST_SLEEP_MS;
    const { leaseSeconds } = runner;
    const since = performance.now();
    const before = await readDueMailboxes(database, groups);
    const isTimeToRescue = since - this.#rescuedAt >= Math.min(RESCUE_LOOK_MS, rescueSeconds * 1000);
    if (!before.due && !isTimeToRescue) return sleepFor(before.nextSeconds);
    this.#rescuedAt = since;
    const leases = await claimDueMailboxes(database, { workerId, groups, limit, leaseSeconds, listed, rescueSeconds });
    for (const lease of leases) {
      const sync = runner.run(lease, since).finally(() => {
        this.#inHand.delete(sync);
        this.#options.running.wake();
      });
      this.#inHand.add(sync);
    }
    if (leases.length === limit) return LONGEST_SLEEP_MS;
    // What is due all the same is for somebody else to take.
    const { nextSeconds } = leases.length > 0 ? await readDueMailboxes(database, groups) : before;
    return sleepFor(nextSeconds);
  }
}

function sleepFor(seconds: number | null): number {
  const ms = seconds === null ? LONGEST_SLEEP_MS : Math.max(SHORTEST_SLEEP_MS, seconds * 1000);
  return Math.min(LONGEST_SLEEP_MS, ms);
}
