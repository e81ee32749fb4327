import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { CalendarDatabase } from 'calendar-db/database';
import { CalendarListener } from 'calendar-db/notifications';
import { type LoadedConfig, sectionDigests } from 'connector-config';
import { kitVersion } from './command-line.ts';
import { DatabaseClock } from './database-clock.ts';
import { Health } from './health.ts';
import { ListenerLog } from './listener-log.ts';
import type { Logger } from './log.ts';
import { MetricsRegistry } from './metrics.ts';
import { OpsListener } from './ops-listener.ts';
import { OpsRoutes } from './ops-routes.ts';
import { RunningState } from './running-state.ts';
import type { WorkerTimings } from './timings.ts';
import { workerConnections } from './worker-connections.ts';
import type { WorkerDefinition, WorkerKind } from './worker-definition.ts';
import { WorkerRegistry } from './worker-registry.ts';
import { databaseOptions, KeyHolder, listenerOptions } from './worker-resources.ts';

const OPS_PORT_KEYS = {
  'sync-worker': 'syncWorker',
  'ws-gateway': 'wsGateway',
  launcher: 'launcher',
} as const satisfies Record<WorkerKind, string>;

export interface WorkerOptions {
  readonly instance: number;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Logger;
  readonly timings?: Partial<WorkerTimings>;
  /** Instead of the config's; 0 takes any free one. */
  readonly opsPort?: number;
}

/** What a worker consists of before anything of it runs. */
export type WorkerParts = ReturnType<typeof createWorkerParts>;

/**
 * Makes a worker's parts from its config. Connects to nothing and binds nothing.
 * @throws FatalError when the key, the database's password or a file that the config names cannot be used
 */
export function createWorkerParts(
  definition: WorkerDefinition,
  loaded: LoadedConfig,
  options: WorkerOptions,
  timings: WorkerTimings,
) {
  const { kind } = definition;
  const { instance } = options;
  const { config } = loaded;
  const log = options.log.child({ worker: kind, instance });
  const keys = new KeyHolder(loaded.path, options.env, (line) => log.warn('key.doubtful', line));
  if (definition.needsKey?.(config)) keys.load();
  const { pool } = workerConnections(kind, config);
  const connection = databaseOptions(config, keys, `trueconf-calendar ${kind} ${instance}`, pool);
  const database = new CalendarDatabase(connection);
  const listenAt = listenerOptions(config, connection);
  const listening = new ListenerLog(log);
  const listener = new CalendarListener({
    database: listenAt,
    onError: (error) => listening.failed(listener, error),
  });
  listener.onConnected(() => listening.connected());
  const running = new RunningState(kind, log);
  // Goes on while the worker drains, so that nobody takes it for dead before it handed back what it holds.
  const shellRunning = new RunningState('shell', log);
  const entry = {
    workerId: randomUUID(),
    kind,
    host: hostname(),
    instance,
    pid: process.pid,
    version: kitVersion(),
    configDigests: sectionDigests(config, definition.sections),
    keyId: keys.loadedId,
    opsAddress: null,
    lists: definition.lists?.(config) ?? [],
    draining: false,
  };
  const { heartbeatMs, deadAfterMs } = timings;
  const registryRunning = shellRunning.child('worker registry');
  const registry = new WorkerRegistry({ database, running: registryRunning, log, heartbeatMs, deadAfterMs, entry });
  const health = new Health();
  const metrics = new MetricsRegistry({ worker: kind });
  const routes = new OpsRoutes();
  const port = options.opsPort ?? config.ops.ports[OPS_PORT_KEYS[kind]] + instance;
  const identity = () => identityFacts(entry);
  const opsListener = new OpsListener({ host: config.ops.host, port, health, metrics, routes, identity });
  const opsWanted = `${config.ops.host}:${port}`;
  const clock = new DatabaseClock(database);
  return {
    log,
    keys,
    database,
    listener,
    listenAt,
    running,
    shellRunning,
    registry,
    health,
    metrics,
    routes,
    opsListener,
    opsWanted,
    clock,
  };
}

function identityFacts({ workerId, kind, instance, version, pid }: WorkerRegistry['entry']): object {
  return { kind, instance, workerId, version, pid, uptimeSeconds: Math.round(process.uptime()) };
}
