/**
 * A part of a worker that runs as long as the worker does.
 *
 * `run` goes on until `stop` was called; it retries what can fail by itself. When it throws nevertheless, that is a
 * defect: it is called again after a back-off, and the fifth time within ten minutes the worker leaves with the exit code of
 * a crash loop. A FatalError ends the worker at once.
 *
 * On shutdown every service's `drain` (hand back what is held: leases, subscriptions, sockets) runs beside the others'
 * while loops end by `running.stopping`; then `stop`, also called without `drain` after the time is over.
 */
export interface Service {
  /** Unique within the worker; in log entries. */
  readonly id: string;
  run(): Promise<void>;
  stop(): void | Promise<void>;
  drain?(): Promise<void>;
}
