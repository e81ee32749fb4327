import type { MailboxLease } from 'calendar-db/sync';
import { runLoop, type Service, type StartedWorker, type WorkerContext } from 'worker-kit';
import { DirectoryService } from './directory/directory-service.ts';
import { PeopleDirectory } from './directory/people-directory.ts';
import { pollSeconds } from './engine/poll-seconds.ts';
import { SyncMetrics } from './engine/sync-metrics.ts';
import { LEASE_SECONDS, SyncRunner } from './engine/sync-runner.ts';
import { RESCUE_SECONDS, SyncScheduler } from './engine/sync-scheduler.ts';
import type { EwsProvider } from './exchange/ews-provider.ts';
import type { MakePlaceReader, MakeReader } from './exchange/provider-directory.ts';
import { ProvidersInUse } from './exchange/providers-in-use.ts';
import { OperatorFacts } from './operator-facts.ts';
import { GroupOwnership } from './ownership/group-ownership.ts';
import { MailboxRegistrar } from './ownership/mailbox-registrar.ts';
import { PlaceService } from './places/place-service.ts';
import { prepareReload } from './prepare-reload.ts';
import { WatchService } from './streams/watch-service.ts';
import { Upkeep } from './upkeep.ts';

/** What tests shorten or replace. */
export interface SyncWorkerOptions {
  readonly leaseSeconds?: number;
  /** Between looks at registry, groups, budgets and listed mailboxes, milliseconds. */
  readonly upkeepMs?: number;
  readonly rescueSeconds?: number;
  /** Between looks at questions about people and places, milliseconds. */
  readonly directoryMs?: number;
  readonly makeReader?: MakeReader;
  readonly makePlaceReader?: MakePlaceReader;
}

/**
 * Puts the parts of a sync-worker together.
 * @throws FatalError when a provider of the config cannot be used
 */
export function assemble(context: WorkerContext, options: SyncWorkerOptions): StartedWorker {
  const {
    leaseSeconds = LEASE_SECONDS,
    upkeepMs = 5_000,
    rescueSeconds = RESCUE_SECONDS,
    directoryMs = 5_000,
  } = options;
  const { database, workerId, log, running, registry, health, ops } = context;
  const config = () => context.config;

  const ownership = new GroupOwnership(database, registry, workerId);
  const registrar = new MailboxRegistrar(database, log);
  const providers = new ProvidersInUse(context.config, {
    ...{ database, log, key: context.key, storePrivate: () => config().privacy.storePrivate },
    ...{ makeReader: options.makeReader, makePlaceReader: options.makePlaceReader },
    makePeople: (provider, users) => new PeopleDirectory(provider, database, users),
  });

  const watches = new WatchService({
    ...{ database, log, metrics: context.metrics, ownership, running: running.child('watches') },
    providerOf: (mailbox) => providers.seatOf(mailbox)?.provider,
    pollSeconds: () => config().sync.pollSeconds,
    onWanted: () => scheduler.wake(),
  });
  const metrics = new SyncMetrics(context.metrics);
  const runner = new SyncRunner({
    ...{ database, workerId, log, metrics, leaseSeconds, notices: watches.notices },
    providerOf: (lease) => providerOf(lease, providers),
    settings: ({ address }) => ({
      ...{ ...config().cache, ...config().sync },
      pollSeconds: pollSeconds(config(), watches.isWatched(address)),
    }),
  });
  const scheduler = new SyncScheduler({
    ...{ database, workerId, log, rescueSeconds, ownership, runner, running: running.child('sync-scheduler') },
    concurrency: () => config().sync.concurrency,
    reachable: () => providers.directory.reachable(),
  });

  const places = new PlaceService({
    ...{ database, log, running: running.child('places'), every: directoryMs },
    seats: () => providers.seats,
    groupSize: () => config().sync.groupSize,
    onPlaced: () => upkeep.wake(),
  });
  const people = new DirectoryService({
    ...{ database, log, metrics: context.metrics, running: running.child('directory'), every: directoryMs },
    seats: () => providers.seats,
    mostMembers: () => config().sync.listMembers,
  });

  const upkeep = new Upkeep({
    ...{ database, log, config, providers, ownership, registrar, scheduler, watches, people, metrics },
    ...{ running: running.child('upkeep'), every: upkeepMs },
  });
  upkeep.shareBudgets();
  registry.onChange(() => {
    upkeep.wake();
    // A group that went to another worker is given up at once, so that its streams do not count twice for long.
    watches.wake();
  });

  context.listener.onWorker(({ mailboxes }) => {
    if (mailboxes !== undefined) upkeep.noteChange();
  });
  context.listener.onConnected(() => upkeep.noteChange());

  const facts = new OperatorFacts({ config, providers, ownership, runner, watches, people });
  health.computed('mailboxes', () => facts.freshness());
  health.computed('streams', () => facts.streaming());
  ops.add('sync', () => facts.page());

  return {
    services: [...[scheduler, watches, watches.marks, places, people, upkeep, providers], leaseKeeper(context, runner)],
    prepareReload: (next) => prepareReload(next.config, { providers, registrar, runner, watches, upkeep }),
  };
}

/** The provider of a claimed mailbox, which knows from here on where that is read. */
function providerOf(lease: MailboxLease, providers: ProvidersInUse): EwsProvider | undefined {
  const seat = providers.seatOf(lease);
  seat?.moved.learn(lease.address, lease.ewsUrl);
  return seat?.provider;
}

/** Renews leases; ends with the first signal: they then last longer than a worker may take to hand them back. */
function leaseKeeper({ running, log }: WorkerContext, runner: SyncRunner): Service {
  const keeping = running.child('lease-keeper');
  // Not spread: a later renewal would not leave time for two more before the leases end.
  const every = () => (runner.leaseSeconds * 1000) / 3;
  const loop = { name: 'lease keeper', every, once: () => runner.renew() };
  return { id: 'lease keeper', run: () => runLoop(keeping, log, loop), stop: () => keeping.stop() };
}
