import { pruneChanges } from 'calendar-db/changes';
import { forgetPrivateContent, type ListedMailbox, type MailboxLease, retryFailedMailboxes } from 'calendar-db/sync';
import type { ConnectorConfig } from 'connector-config';
import { type Logger, type RunningState, runLoop, type Service, type WorkerContext } from 'worker-kit';
import { DirectoryService } from './directory/directory-service.ts';
import { PeopleDirectory } from './directory/people-directory.ts';
import { syncFreshness } from './engine/freshness.ts';
import { SyncMetrics } from './engine/sync-metrics.ts';
import { LEASE_SECONDS, SyncRunner } from './engine/sync-runner.ts';
import { RESCUE_SECONDS, SyncScheduler } from './engine/sync-scheduler.ts';
import type { EwsProvider } from './exchange/ews-provider.ts';
import {
  type MakePlaceReader,
  type MakeReader,
  ProviderDirectory,
  type ProviderParts,
} from './exchange/provider-directory.ts';
import { GroupOwnership } from './ownership/group-ownership.ts';
import { MailboxRegistrar } from './ownership/mailbox-registrar.ts';
import { PlaceService } from './places/place-service.ts';
import { WatchService } from './streams/watch-service.ts';

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
  readonly makePlaceReader?: MakePlaceReader;
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
  readonly #watches: WatchService;
  readonly #places: PlaceService;
  readonly #people: DirectoryService;
  readonly #upkeepState: RunningState;
  #directory: ProviderDirectory;
  /** Directories of earlier configs, until what only they used is closed. */
  readonly #left: ProviderDirectory[] = [];
  /** Mailboxes that another provider reads since a reload; a failure of the former one no longer counts. */
  readonly #toRetry: ListedMailbox[] = [];
  #prunedAt = Number.NEGATIVE_INFINITY;

  /** @throws FatalError when a provider of the config cannot be used */
  constructor(context: WorkerContext, options: Partial<SyncServiceOptions> = {}) {
    const { database, workerId, log, running, registry } = context;
    const { leaseSeconds, rescueSeconds, makeReader, makePlaceReader } = { ...DEFAULTS, ...options };
    this.#context = context;
    this.#upkeepState = running.child('upkeep');
    this.#options = { ...DEFAULTS, ...options };
    this.#parts = {
      ...{ database, log, key: context.key, storePrivate: () => context.config.privacy.storePrivate },
      makePeople: (provider, users) => new PeopleDirectory(provider, database, users),
      ...(makeReader === undefined ? {} : { makeReader }),
      ...(makePlaceReader === undefined ? {} : { makePlaceReader }),
    };
    this.#directory = ProviderDirectory.from(context.config, this.#parts);
    this.#ownership = new GroupOwnership(database, registry, workerId);
    this.#registrar = new MailboxRegistrar(database, log);
    this.#metrics = new SyncMetrics(context.metrics);
    this.#share();
    this.#watches = new WatchService({
      ...{ database, log, metrics: context.metrics, ownership: this.#ownership, running: running.child('watches') },
      providerOf: (mailbox) => this.#directory.seatOf(mailbox)?.provider,
      pollSeconds: () => context.config.sync.pollSeconds,
      onWanted: () => this.#scheduler.wake(),
    });
    const { notices } = this.#watches;
    this.#runner = new SyncRunner({
      ...{ database, workerId, log, metrics: this.#metrics, leaseSeconds },
      providerOf: (lease) => this.#providerOf(lease),
      settings: ({ address }) => ({
        ...{ ...context.config.cache, ...context.config.sync },
        pollSeconds: this.#pollSeconds(address),
      }),
      notices: {
        take: (mailbox) => notices.take(mailbox),
        giveBack: (mailbox, toldAt) => notices.giveBack(mailbox, toldAt),
        applied: (toldAt) => this.#watches.applied(toldAt),
      },
    });
    this.#scheduler = new SyncScheduler({
      ...{ database, workerId, log, rescueSeconds, ownership: this.#ownership, runner: this.#runner },
      running: running.child('sync-scheduler'),
      concurrency: () => context.config.sync.concurrency,
      reachable: () => this.#directory.reachable(),
    });
    this.#places = new PlaceService({
      ...{ database, log, running: running.child('places') },
      seats: () => this.#directory.seats,
      groupSize: () => context.config.sync.groupSize,
      onPlaced: () => this.#upkeepState.wake(),
      every: this.#options.directoryMs,
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
    const upkeep = this.#upkeepState;
    registry.onChange(() => {
      upkeep.wake();
      // A group that went to another worker is given up at once, so that its streams do not count twice for long.
      this.#watches.wake();
    });
    const renewEvery = (this.#options.leaseSeconds * 1000) / 3;
    return [
      this.#scheduler,
      this.#watches,
      this.#watches.marks,
      this.#places,
      this.#people,
      // Ends with the first signal: leases then last longer than a worker may take to hand them back.
      loopService('lease keeper', running.child('lease-keeper'), log, renewEvery, () => this.#runner.renew()),
      {
        ...loopService('upkeep', upkeep, log, this.#options.upkeepMs, () => this.#upkeep()),
        stop: async () => {
          upkeep.stop();
          await Promise.all([...this.#left.splice(0), this.#directory].map((directory) => directory.close()));
        },
      },
    ];
  }

  /**
   * Prepares other providers, users, limits and accounts. What is not touched goes on; syncs of mailboxes that are no
   * longer listed, or whose server is reached in another way, end with the commit and begin again at once.
   *
   * @throws FatalError when a provider of the config cannot be used
   * @throws the database's error
   */
  async prepareReload(next: ConnectorConfig): Promise<() => void> {
    const before = this.#directory;
    const after = ProviderDirectory.from(next, this.#parts, before);
    try {
      // Changes of provider wait for the upkeep, when the other workers have read theirs too.
      await this.#registrar.register(after.listed, { groupSize: next.sync.groupSize, agreed: false });
    } catch (error) {
      await after.close(before);
      throw error;
    }
    return () => this.#useDirectory(before, after);
  }

  #useDirectory(before: ProviderDirectory, after: ProviderDirectory): void {
    this.#directory = after;
    this.#share();
    this.#runner.abortWhere((lease) => before.seatOf(lease)?.provider !== after.seatOf(lease)?.provider);
    // Not unsubscribed: the account may have another password now, and nobody is to be locked out for tidiness' sake.
    const staying = new Set<unknown>(after.seats.map(({ provider }) => provider));
    this.#watches.leaveWhere((provider) => !staying.has(provider));
    this.#left.push(before);
    this.#toRetry.push(...after.listed.filter((box) => before.seatOf(box)?.provider !== after.seatOf(box)?.provider));
    this.#watches.wake();
    this.#upkeepState.wake();
  }

  /** What a reload leaves behind: closes the providers that left, and tries mailboxes again that got another one. */
  async #finishReload(): Promise<void> {
    for (const left of this.#left.splice(0)) await left.close(this.#directory);
    const mailboxes = [...this.#toRetry];
    await retryFailedMailboxes(this.#context.database, mailboxes);
    this.#toRetry.splice(0, mailboxes.length);
  }

  /** What the ops page shows. */
  facts(): object {
    return {
      groups: this.#ownership.figures(),
      syncing: this.#runner.active,
      watches: this.#watches.facts(),
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
      pollSeconds: this.#longestPollSeconds(),
      idleSeconds: this.#runner.idleMs / 1000,
      troubles: this.#directory.seats.flatMap(({ accounts }) => accounts.trouble ?? []),
    });
  }

  /** Whether streams tell of changes where they should. */
  streaming(): { state: 'ok' | 'degraded'; detail: string } {
    const trouble = this.#watches.trouble();
    if (trouble !== null) return { state: 'degraded', detail: trouble };
    const facts = this.#watches.facts();
    const sum = (count: (fact: (typeof facts)[number]) => number) =>
      facts.reduce((total, fact) => total + count(fact), 0);
    return {
      state: 'ok',
      detail: `${sum(({ streams }) => streams)} streams tell of ${sum(({ watched }) => watched)} mailboxes`,
    };
  }

  /** The provider of a claimed mailbox, which knows from here on where that is read. */
  #providerOf(lease: MailboxLease): EwsProvider | undefined {
    const seat = this.#directory.seatOf(lease);
    seat?.moved.learn(lease.address, lease.ewsUrl);
    return seat?.provider;
  }

  /** How often a mailbox is asked for changes. */
  #pollSeconds(mailbox: string): number {
    const { pollSeconds, streamedPollSeconds } = this.#context.config.sync;
    return this.#watches.isWatched(mailbox) ? Math.max(pollSeconds, streamedPollSeconds) : pollSeconds;
  }

  #longestPollSeconds(): number {
    const { config } = this.#context;
    const { pollSeconds, streamedPollSeconds } = config.sync;
    const streams = config.calendarProviders.some(({ streaming }) => streaming.enabled);
    return streams ? Math.max(pollSeconds, streamedPollSeconds) : pollSeconds;
  }

  async #upkeep(): Promise<void> {
    const { config, database } = this.#context;
    await this.#finishReload();
    const agreed = this.#ownership.agreesOnProviders();
    await this.#registrar.register(this.#directory.listed, { groupSize: config.sync.groupSize, agreed });
    await this.#registrar.removeDelisted();
    await this.#ownership.refresh();
    this.#scheduler.wake();
    this.#watches.wake();
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
    const place = this.#ownership.place();
    this.#directory.share(place, (provider) => this.#ownership.groupsOf(provider));
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
