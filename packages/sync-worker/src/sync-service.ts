import { forgetPrivateContent, pruneChanges, retryFailedMailboxes } from 'calendar-db';
import type { ConnectorConfig } from 'connector-config';
import { type Logger, type RunningState, runLoop, type Service, type WorkerContext } from 'worker-kit';
import { DirectoryService } from './directory/directory-service.ts';
import { GroupOwnership } from './ownership/group-ownership.ts';
import { MailboxRegistrar } from './ownership/mailbox-registrar.ts';
import { type MakeReader, ProviderDirectory, type ProviderParts } from './provider/provider-directory.ts';
import { syncFreshness } from './sync/freshness.ts';
import { SyncMetrics } from './sync/sync-metrics.ts';
import { LEASE_SECONDS, SyncRunner } from './sync/sync-runner.ts';
import { RESCUE_SECONDS, SyncScheduler } from './sync/sync-scheduler.ts';

const PRUNE_EVERY_MS = 600_000;

/** What tests shorten or replace. */
export interface SyncServiceOptions {
  readonly leaseSeconds: number;
  /** Between looks at registry, groups, budgets and listed mailboxes, milliseconds. */
  readonly upkeepMs: number;
  readonly rescueSeconds: number;
  /** Between looks at questions about people, milliseconds. */
  readonly directoryMs: number;
  readonly makeReader?: MakeReader;
}

const DEFAULTS: SyncServiceOptions = {
  leaseSeconds: LEASE_SECONDS,
  upkeepMs: 5_000,
  rescueSeconds: RESCUE_SECONDS,
  directoryMs: 5_000,
};

/** All that one sync-worker does, put together: providers, ownership, scheduler and upkeep. */
export class SyncService {
  readonly #context: WorkerContext;
  readonly #options: SyncServiceOptions;
  readonly #parts: ProviderParts;
  readonly #ownership: GroupOwnership;
  readonly #registrar: MailboxRegistrar;
  readonly #metrics: SyncMetrics;
  readonly #runner: SyncRunner;
  readonly #scheduler: SyncScheduler;
  readonly #people: DirectoryService;
  #directory: ProviderDirectory;
  #prunedAt = Number.NEGATIVE_INFINITY;

  /** @throws FatalError when a provider of the config cannot be used */
  constructor(context: WorkerContext, options: Partial<SyncServiceOptions> = {}) {
    const { database, workerId, log, running, registry } = context;
    const { leaseSeconds, rescueSeconds, makeReader } = { ...DEFAULTS, ...options };
    this.#context = context;
    this.#options = { ...DEFAULTS, ...options };
    this.#parts = {
      ...{ database, log, key: context.key, storePrivate: () => context.config.privacy.storePrivate },
      ...(makeReader === undefined ? {} : { makeReader }),
    };
    this.#directory = ProviderDirectory.from(context.config, this.#parts);
    this.#ownership = new GroupOwnership(database, registry, workerId);
    this.#registrar = new MailboxRegistrar(database, log);
    this.#metrics = new SyncMetrics(context.metrics);
    this.#share();
    this.#runner = new SyncRunner({
      ...{ database, workerId, log, metrics: this.#metrics, leaseSeconds },
      providerOf: (lease) => this.#directory.seatOf(lease)?.provider,
      settings: () => ({ ...context.config.cache, ...context.config.sync }),
    });
    this.#scheduler = new SyncScheduler({
      ...{ database, workerId, log, rescueSeconds, ownership: this.#ownership, runner: this.#runner },
      running: running.child('sync-scheduler'),
      concurrency: () => context.config.sync.concurrency,
      reachable: () => this.#directory.reachable(),
    });
    this.#people = new DirectoryService({
      ...{ database, log, metrics: context.metrics, running: running.child('directory') },
      seats: () => this.#directory.seats,
      mostMembers: () => context.config.sync.listMembers,
      every: this.#options.directoryMs,
    });
  }

  services(): Service[] {
    const { running, log, registry } = this.#context;
    const upkeep = running.child('upkeep');
    registry.onChange(() => upkeep.wake());
    const renewEvery = (this.#options.leaseSeconds * 1000) / 3;
    return [
      this.#scheduler,
      this.#people,
      // Ends with the first signal: leases then last longer than a worker may take to hand them back.
      loopService('lease keeper', running.child('lease-keeper'), log, renewEvery, () => this.#runner.renew()),
      {
        ...loopService('upkeep', upkeep, log, this.#options.upkeepMs, () => this.#upkeep()),
        stop: async () => {
          upkeep.stop();
          await this.#directory.close();
        },
      },
    ];
  }

  /**
   * Takes over other providers, users, limits and accounts. What is not touched goes on; syncs of mailboxes that are no
   * longer listed, or whose server is reached in another way, end and begin again at once.
   * @throws FatalError when a provider of the config cannot be used, the database's error; the old config stays in use then
   */
  async reload(next: ConnectorConfig): Promise<void> {
    const before = this.#directory;
    const after = ProviderDirectory.from(next, this.#parts, before);
    try {
      // Changes of provider wait for the upkeep, when the other workers have read theirs too.
      await this.#registrar.register(after.listed, { groupSize: next.sync.groupSize, agreed: false });
    } catch (error) {
      await after.close(before);
      throw error;
    }
    this.#directory = after;
    this.#share();
    this.#runner.abortWhere((lease) => before.seatOf(lease)?.provider !== after.seatOf(lease)?.provider);
    await before.close(after);
    const begun = after.listed.filter((box) => before.seatOf(box)?.provider !== after.seatOf(box)?.provider);
    await retryFailedMailboxes(this.#context.database, begun);
  }

  /** What the ops page shows. */
  facts(): object {
    return {
      groups: this.#ownership.figures(),
      syncing: this.#runner.active,
      directory: this.#people.facts(),
      providers: this.#directory.seats.map(({ provider, accounts, host, users }) => ({
        provider: provider.key,
        mailboxes: users.size,
        trouble: accounts.trouble,
        accounts: accounts.facts(),
        waitingForHost: host.waiting,
      })),
    };
  }

  /** Whether the mailboxes that this worker owns are kept fresh. */
  freshness(): ReturnType<typeof syncFreshness> {
    return syncFreshness({
      groups: this.#ownership.figures(),
      readSecondsAgo: this.#ownership.readSecondsAgo,
      pollSeconds: this.#context.config.sync.pollSeconds,
      idleSeconds: this.#runner.idleMs / 1000,
      troubles: this.#directory.seats.flatMap(({ accounts }) => accounts.trouble ?? []),
    });
  }

  async #upkeep(): Promise<void> {
    const { config, database } = this.#context;
    const agreed = this.#ownership.agreesOnProviders();
    await this.#registrar.register(this.#directory.listed, { groupSize: config.sync.groupSize, agreed });
    await this.#registrar.removeDelisted();
    await this.#ownership.refresh();
    this.#scheduler.wake();
    this.#metrics.owned(this.#ownership.figures() ?? []);
    this.#share();
    for (const { accounts } of this.#directory.seats) await accounts.refresh();
    if (performance.now() - this.#prunedAt > PRUNE_EVERY_MS) {
      await pruneChanges(database);
      if (!config.privacy.storePrivate) await this.#forgetPrivateContent();
      this.#prunedAt = performance.now();
    }
  }

  /** What was stored of private events before that was switched off, or by a worker that has it on, goes. */
  async #forgetPrivateContent(): Promise<void> {
    const { database, log } = this.#context;
    let events = 0;
    for (let some = 1; some > 0; events += some) some = await forgetPrivateContent(database);
    if (events > 0) log.info('privacy.forgotten', `the content of ${events} private events was removed`, { events });
  }

  /** Divides the budgets among the live workers. */
  #share(): void {
    this.#directory.share(this.#ownership.workerCount());
  }
}

function loopService(
  id: string,
  running: RunningState,
  log: Logger,
  every: number,
  once: () => Promise<void>,
): Service {
  return { id, run: () => runLoop(running, log, { name: id, every, once }), stop: () => running.stop() };
}

/** Canonical addresses of all mailboxes that a configuration lists. */
export function listedAddresses(config: ConnectorConfig): string[] {
  return config.calendarProviders.flatMap(({ users }) => users);
}
