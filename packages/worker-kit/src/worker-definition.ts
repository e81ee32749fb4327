import type { CalendarDatabase } from 'calendar-db/database';
import type { CalendarListener } from 'calendar-db/notifications';
import type { ConnectorConfig, LoadedConfig, SecretKey, SectionName } from 'connector-config';
import type { DatabaseClock } from './database-clock.ts';
import type { Health } from './health.ts';
import type { Logger } from './log.ts';
import type { MetricsRegistry } from './metrics.ts';
import type { OpsRoutes } from './ops-routes.ts';
import type { RunningState } from './running-state.ts';
import type { Service } from './service.ts';
import type { WorkerRegistry } from './worker-registry.ts';

export type WorkerKind = 'sync-worker' | 'ws-gateway' | 'launcher';

/** What a worker's `main.ts` hands to `runWorker`. */
export interface WorkerDefinition {
  readonly kind: WorkerKind;
  /** The sections of the config that it uses; their digests are published and must not differ between workers. */
  readonly sections: readonly SectionName[];
  /** Canonical addresses of the mailboxes that its config lists; in the registry. */
  readonly lists?: (config: ConnectorConfig) => string[];
  /** Whether it decrypts anything, so that a missing key is said at the start. Default: only the database's password is. */
  readonly needsKey?: (config: ConnectorConfig) => boolean;
  /**
   * Makes the worker's parts, once the schema is there; when it throws, it is called again after a back-off. Must not
   * wait for Exchange, TrueConf or clients: the worker is announced as ready after it.
   */
  readonly start: (context: WorkerContext) => Promise<StartedWorker>;
}

/** What a worker's `start` made. */
export interface StartedWorker {
  /** What the kit runs, drains and stops. */
  readonly services: readonly Service[];
  /**
   * Prepares what a changed config needs: checks it, does everything that can fail, and changes nothing that is in use.
   * The kit then puts the config in force and calls the returned commit, which sees it as `context.config`. A start,
   * reloads and their commits never overlap. When the worker begins to stop meanwhile, the commit is not called.
   *
   * @param next the config to come, with the old values of keys that only a restart changes
   * @returns the commit. It puts the prepared parts to use at once and must not fail: the worker ends if it does
   * @throws when the config cannot be used: the old one stays in force. A FatalError's lines are logged as they are
   */
  prepareReload(next: LoadedConfig): Promise<() => void> | (() => void);
}

/** What the kit gives to a worker. */
export interface WorkerContext {
  /** The config in force; another object after a reload, so read it where it is needed. */
  readonly config: ConnectorConfig;
  /** Loaded when first asked for. @throws FatalError when the key file is missing or unusable */
  readonly key: SecretKey;
  readonly log: Logger;
  readonly database: CalendarDatabase;
  /** Started by the kit before `start` and closed after the services. */
  readonly listener: CalendarListener;
  readonly clock: DatabaseClock;
  readonly health: Health;
  readonly metrics: MetricsRegistry;
  /** The worker's; each loop takes a `child` of it. */
  readonly running: RunningState;
  readonly registry: WorkerRegistry;
  readonly workerId: string;
  readonly instance: number;
  readonly ops: OpsRoutes;
}
