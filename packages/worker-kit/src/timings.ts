/** How often a worker looks at things, milliseconds. Tests shorten them. */
export interface WorkerTimings {
  /** Heartbeat in the registry, and reading the others'. */
  readonly heartbeatMs: number;
  /** Silence after which another worker counts as dead. */
  readonly deadAfterMs: number;
  /** Asking the database for its time, which also proves that it answers. */
  readonly databaseMs: number;
  /** Looking whether the triggers are there. */
  readonly triggersMs: number;
  /** Looking for the schema while it is missing. */
  readonly schemaMs: number;
  /** Looking for changed health, to log it and tell systemd. */
  readonly healthMs: number;
  /** Before a service that failed is started again for the first time; four times as long each further time. */
  readonly restartMs: number;
  /** From the first signal until work in hand is dropped; two seconds more and the process is gone. */
  readonly drainMs: number;
}

export const DEFAULT_TIMINGS: WorkerTimings = {
  heartbeatMs: 2_000,
  deadAfterMs: 10_000,
  databaseMs: 2_000,
  triggersMs: 30_000,
  schemaMs: 1_000,
  healthMs: 500,
  restartMs: 400,
  drainMs: 8_000,
};
