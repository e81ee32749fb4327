export { kitVersion } from './command-line.ts';
export { DatabaseClock } from './database-clock.ts';
export { EXIT_CODES, type ExitReason, FatalError } from './fatal-error.ts';
export { type CheckResult, Health, HealthCheck, type HealthReport, type HealthState } from './health.ts';
export { loadConfigOrFail } from './load-config-or-fail.ts';
export { createLogger, type LogFields, type Logger, type LogLevel, type LogOptions } from './log.ts';
export { type LoopOptions, runLoop } from './loop.ts';
export { type Counter, type Gauge, type Histogram, MetricsRegistry } from './metrics.ts';
export { type OpsFacts, OpsRoutes } from './ops-routes.ts';
export { describeError, redact } from './redaction.ts';
export { runWorker } from './run-worker.ts';
export { RunningState } from './running-state.ts';
export { missingSchema } from './schema-gate.ts';
export {
  type GuardOptions,
  ServerCondition,
  type ServerConditionOptions,
  type ServerFailure,
  type ServerPatience,
  type ServerVerdict,
} from './server-condition.ts';
export type { Service } from './service.ts';
export { DEFAULT_TIMINGS, type WorkerTimings } from './timings.ts';
export { type TroubleLine, TroubleLog, type TroubleLogOptions } from './trouble-log.ts';
export type { StartedWorker, WorkerContext, WorkerDefinition, WorkerKind } from './worker-definition.ts';
export { type LivePeer, WorkerRegistry, type WorkerRegistryOptions } from './worker-registry.ts';
export { databaseOptions, KeyHolder } from './worker-resources.ts';
