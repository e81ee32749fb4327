import { randomUUID } from 'node:crypto';
import type { CalendarDatabase } from 'calendar-db/database';
import type { ListedMailbox } from 'calendar-db/sync';
import { MetricsRegistry, RunningState, runLoop, WorkerRegistry } from 'worker-kit';
import { CapturedLog } from 'worker-kit/testing';
import type { CalendarProvider } from '../engine/calendar-provider.ts';
import { SyncMetrics } from '../engine/sync-metrics.ts';
import { SyncRunner } from '../engine/sync-runner.ts';
import { SyncScheduler } from '../engine/sync-scheduler.ts';
import { GroupOwnership } from '../ownership/group-ownership.ts';
import { WatchService } from '../streams/watch-service.ts';

export interface SyncPeerOptions {
  readonly database: CalendarDatabase;
  readonly provider: CalendarProvider;
  readonly listed: readonly ListedMailbox[];
  readonly pollSeconds?: number;
  /** The same for mailboxes that are listened to; default `pollSeconds`. */
  readonly watchedPollSeconds?: number;
  readonly leaseSeconds?: number;
  readonly rescueSeconds?: number;
  readonly deadAfterMs?: number;
}

/** One of several sync workers in the process of a test: registry, ownership, scheduler and runner, quick to notice. */
export class SyncPeer {
  readonly workerId = randomUUID();
  readonly log = new CapturedLog();
  readonly ownership: GroupOwnership;
  readonly #running: RunningState;
  readonly #registry: WorkerRegistry;
  readonly #scheduler: SyncScheduler;
  readonly #runner: SyncRunner;
  readonly #watches: WatchService;
  readonly #loops: Promise<void>[] = [];

  constructor(options: SyncPeerOptions) {
    const { database, provider, listed, pollSeconds = 0.1, leaseSeconds = 2, rescueSeconds = 60 } = options;
    const log = this.log.logger();
    this.#running = new RunningState('peer', log);
    this.#registry = new WorkerRegistry({
      database,
      log,
      running: this.#running.child('registry'),
      heartbeatMs: 50,
      deadAfterMs: options.deadAfterMs ?? 1_000,
      entry: {
        ...{ workerId: this.workerId, kind: 'sync-worker', host: this.workerId, instance: 0, pid: 1, version: '0' },
        ...{ configDigests: {}, keyId: null, opsAddress: null, draining: false },
        lists: listed.map(({ address }) => address),
      },
    });
    this.ownership = new GroupOwnership(database, this.#registry, this.workerId);
    const watchedPollSeconds = options.watchedPollSeconds ?? pollSeconds;
    const isListed = (address: string) => listed.some((mailbox) => mailbox.address === address);
    this.#watches = new WatchService({
      ...{ database, log, metrics: new MetricsRegistry(), ownership: this.ownership },
      running: this.#running.child('watches'),
      providerOf: ({ address }) => (isListed(address) ? provider : undefined),
      pollSeconds: () => pollSeconds,
      onWanted: () => this.#scheduler.wake(),
    });
    this.#runner = new SyncRunner({
      ...{ database, workerId: this.workerId, log, leaseSeconds },
      metrics: new SyncMetrics(new MetricsRegistry()),
      providerOf: () => provider,
      settings: ({ address }) => ({
        ...{ backward: 1, forward: 1, autoSync: true, repairDays: 7 },
        pollSeconds: this.#watches.isWatched(address) ? watchedPollSeconds : pollSeconds,
      }),
    });
    this.#scheduler = new SyncScheduler({
      ...{ database, workerId: this.workerId, log, rescueSeconds, ownership: this.ownership, runner: this.#runner },
      running: this.#running.child('scheduler'),
      concurrency: () => 16,
      reachable: () => ({ providers: [provider.key], has: ({ address }) => isListed(address) }),
    });
  }

  /** Mailboxes that it listens to. */
  get watched(): number {
    return this.#watches.facts().reduce((sum, { watched }) => sum + watched, 0);
  }

  /** Joins the others. */
  async start(): Promise<void> {
    await this.#registry.refresh();
    await this.ownership.refresh();
    const log = this.log.logger();
    const loop = (name: string, every: number, once: () => Promise<void>) =>
      runLoop(this.#running.child(name), log, { name, every, once, quiet: true });
    this.#loops.push(
      loop('heartbeat', 50, () => this.#registry.refresh()),
      loop('groups', 100, async () => {
        await this.ownership.refresh();
        this.#watches.wake();
      }),
      loop('leases', 300, () => this.#runner.renew()),
      this.#scheduler.run(),
      this.#watches.run(),
      this.#watches.marks.run(),
    );
  }

  /** Leaves as a worker does that was told to stop: hands back what it holds, then takes itself out. */
  async leave(): Promise<void> {
    await Promise.all([this.#scheduler.drain(), this.#watches.drain()]);
    await this.#end();
    await this.#registry.remove();
  }

  /** Falls silent as a killed process does: nothing is handed back, the registry still names it. */
  async die(): Promise<void> {
    await this.#end();
  }

  /** The sync groups that it listens to. */
  watching(): string[] {
    return this.#watches.facts().map(({ group }) => group);
  }

  /** Ends what a dead peer left running in this process. */
  async bury(): Promise<void> {
    await Promise.all([this.#scheduler.drain(), this.#watches.drain()]);
  }

  async #end(): Promise<void> {
    this.#running.stop();
    await Promise.all(this.#loops);
  }
}
