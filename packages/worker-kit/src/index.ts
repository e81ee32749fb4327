export { kitVersion } from './command-line.ts';
export { DatabaseClock } from './database-clock.ts';
export { EXIT_CODES, FatalError } from './fatal-error.ts';
export { Health, HealthCheck, type HealthState } from './health.ts';
export { loadConfigOrFail } from './load-config-or-fail.ts';
export type { LogFields, Logger, LogLevel } from './log.ts';
export { runLoop, spreadInterval } from './loop.ts';
export {
  /** @public Declarations of other packages name it, and the next two. */
  type Counter,
  /** @public */
  type Gauge,
  /** @public */
  type Histogram,
  MetricsRegistry,
} from './metrics.ts';
export { describeError } from './redaction.ts';
export { runWorker } from './run-worker.ts';
export { RunningState } from './running-state.ts';
export { missingSchema } from './schema-gate.ts';
export {
  ServerCondition,
  type ServerPatience,
  type ServerVerdict,
} from './server-condition.ts';
export type { Service } from './service.ts';
export { type TroubleLine, TroubleLog } from './trouble-log.ts';
export { isWorkerKind, workerConnections } from './worker-connections.ts';
export type { StartedWorker, WorkerContext, WorkerDefinition, WorkerKind } from './worker-definition.ts';
export { WorkerRegistry } from './worker-registry.ts';
export { databaseOptions, KeyHolder } from './worker-resources.ts';
