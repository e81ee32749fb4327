import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pruneChanges } from 'calendar-db';
import type { ConnectorConfig, ProviderConfig, SecretKey } from 'connector-config';
import { EwsClient } from 'ews-client';
import { runLoop, type Service, type WorkerContext } from 'worker-kit';
import { GroupOwnership } from './ownership/group-ownership.ts';
import { type Listing, MailboxRegistrar } from './ownership/mailbox-registrar.ts';
import { AccountPool } from './provider/account-pool.ts';
import { EwsProvider } from './provider/ews-provider.ts';
import { SyncMetrics } from './sync/sync-metrics.ts';
import { LEASE_SECONDS, SyncRunner } from './sync/sync-runner.ts';
import { SyncScheduler } from './sync/sync-scheduler.ts';

const UPKEEP_EVERY_MS = 5_000;
const PRUNE_EVERY_MS = 600_000;
/** A group is fresh while its slowest healthy mailbox was synchronized within this many polls, and a minute. */
const FRESH_POLLS = 3;

interface ProviderSeat {
  readonly provider: EwsProvider;
  readonly accounts: AccountPool;
  readonly config: ProviderConfig;
}

/** All that one sync-worker does, put together: providers, ownership, scheduler and upkeep. */
export class SyncService {
  readonly #context: WorkerContext;
  readonly #ownership: GroupOwnership;
  readonly #registrar: MailboxRegistrar;
  readonly #runner: SyncRunner;
  readonly #scheduler: SyncScheduler;
  #seats: ReadonlyMap<string, ProviderSeat>;
  #addresses: readonly string[];
  #prunedAt = 0;

  constructor(context: WorkerContext) {
    const { database, workerId, log, metrics, running, registry } = context;
    this.#context = context;
    this.#seats = this.#makeSeats(context.config);
    this.#addresses = listedAddresses(context.config);
    this.#ownership = new GroupOwnership(database, registry, workerId);
    this.#registrar = new MailboxRegistrar(database, log);
    this.#runner = new SyncRunner({
      database,
      workerId,
      log,
      metrics: new SyncMetrics(metrics),
      providerOf: ({ provider }) => this.#seats.get(provider)?.provider,
      settings: () => ({ ...context.config.cache, pollSeconds: context.config.sync.pollSeconds }),
    });
    this.#scheduler = new SyncScheduler({
      database,
      workerId,
      running: running.child('sync-scheduler'),
      log,
      ownership: this.#ownership,
      runner: this.#runner,
      concurrency: () => context.config.sync.concurrency,
      addresses: () => this.#addresses,
    });
  }

  services(): Service[] {
    const { running, log } = this.#context;
    const renewing = running.child('lease-keeper');
    const upkeep = running.child('upkeep');
    this.#context.registry.onChange(() => upkeep.wake());
    return [
      this.#scheduler,
      {
        id: 'lease-keeper',
        // Leases are kept until the last sync has ended, also while the worker drains.
        run: () =>
          runLoop(renewing, log, {
            name: 'lease keeper',
            every: (LEASE_SECONDS * 1000) / 3,
            once: () => this.#runner.renew(),
          }),
        stop: () => renewing.stop(),
      },
      {
        id: 'upkeep',
        run: () => runLoop(upkeep, log, { name: 'upkeep', every: UPKEEP_EVERY_MS, once: () => this.#upkeep() }),
        stop: async () => {
          upkeep.stop();
          await Promise.all([...this.#seats.values()].map(({ provider }) => provider.close()));
        },
      },
    ];
  }

  /** Takes over other providers, users, limits and accounts. */
  async reload(next: ConnectorConfig): Promise<void> {
    const old = this.#seats;
    this.#seats = this.#makeSeats(next);
    this.#addresses = listedAddresses(next);
    await this.#registrar.register(listings(next), next.sync.groupSize);
    await Promise.all([...old.values()].map(({ provider }) => provider.close()));
  }

  /** What the ops page shows. */
  facts(): object {
    return {
      groups: this.#ownership.figures(),
      syncing: this.#runner.active,
      providers: [...this.#seats.values()].map(({ provider, accounts }) => ({
        provider: provider.key,
        accounts: accounts.facts(),
      })),
    };
  }

  /** Whether the mailboxes that this worker owns are kept fresh. */
  freshness(): { state: 'ok' | 'degraded'; detail: string } {
    const groups = this.#ownership.figures();
    const denied = groups.reduce((sum, group) => sum + group.denied, 0);
    const stale = groups.reduce((sum, group) => sum + group.stale, 0);
    const oldest = Math.max(0, ...groups.map(({ oldestSyncSeconds }) => oldestSyncSeconds ?? 0));
    const limit = FRESH_POLLS * this.#context.config.sync.pollSeconds + 60;
    const problems = [
      denied > 0 && `${denied} mailboxes cannot be opened`,
      stale > 0 && `${stale} mailboxes fail to synchronize`,
      oldest > limit && `a mailbox was last synchronized ${Math.round(oldest)} s ago`,
    ].filter((problem) => problem !== false);
    if (problems.length > 0) return { state: 'degraded', detail: `${problems.join(', ')}; see calendarctl status` };
    return { state: 'ok', detail: `${groups.length} groups` };
  }

  async #upkeep(): Promise<void> {
    const { config, database } = this.#context;
    await this.#registrar.register(listings(config), config.sync.groupSize);
    await this.#registrar.removeDelisted();
    await this.#ownership.refresh();
    for (const { accounts, config: provider } of this.#seats.values()) {
      accounts.share(provider.limits, this.#ownership.workerCount());
      await accounts.refresh();
    }
    if (performance.now() - this.#prunedAt > PRUNE_EVERY_MS) {
      await pruneChanges(database);
      this.#prunedAt = performance.now();
    }
  }

  #makeSeats(config: ConnectorConfig): Map<string, ProviderSeat> {
    const { database, log, key } = this.#context;
    return new Map(
      config.calendarProviders.map((provider) => {
        const name = providerKey(provider);
        const accounts = provider.credentials.map(({ login, password }) =>
          account(name, provider, login, password.reveal(key), key),
        );
        const pool = new AccountPool(name, accounts, database, log);
        const ews = new EwsProvider(name, pool, () => this.#context.config.privacy.storePrivate);
        return [name, { provider: ews, accounts: pool, config: provider }];
      }),
    );
  }
}

function account(provider: string, config: ProviderConfig, login: string, password: string, key: SecretKey) {
  const reader = new EwsClient({
    url: `${config.protocol}://${config.host}:${config.port}${config.path}`,
    login,
    password,
    connections: config.limits.connections,
    ...(config.tls.ca === undefined ? {} : { ca: readFileSync(config.tls.ca, 'utf8') }),
  });
  const secret = key.derive('credential-fingerprint');
  const fingerprint = createHmac('sha256', secret).update(password).digest('base64url');
  return { key: { provider, login, fingerprint }, reader };
}

/** Names a provider in the database: its address, without what may change about how it is reached. */
function providerKey({ host, path }: ProviderConfig): string {
  return `${host}${path}`.toLowerCase();
}

function listings(config: ConnectorConfig): Listing[] {
  return config.calendarProviders.map((provider) => ({ provider: providerKey(provider), users: provider.users }));
}

/** Canonical addresses of all mailboxes that a configuration lists. */
export function listedAddresses(config: ConnectorConfig): string[] {
  return config.calendarProviders.flatMap(({ users }) => users);
}
