import { loadConfig } from 'connector-config';
import type { WorkerTimings } from '../timings.ts';
import { Worker } from '../worker.ts';
import type { WorkerContext, WorkerDefinition } from '../worker-definition.ts';
import { CapturedLog } from './captured-log.ts';
import type { TestConfig } from './test-config.ts';

export interface TestWorkerOptions {
  readonly instance?: number;
  readonly env?: NodeJS.ProcessEnv;
  readonly timings?: Partial<WorkerTimings>;
}

export interface TestWorker {
  readonly worker: Worker;
  readonly context: WorkerContext;
  readonly log: CapturedLog;
  /** What `run` came to: whether everything was handed back, or the FatalError. */
  readonly ended: Promise<boolean>;
  /** Base URL of its ops listener. @throws when it does not listen (yet) */
  opsUrl(path: string): string;
  /** Stops as the first signal does and waits for the end. */
  stop(): Promise<boolean>;
}

/** Quick enough that a test need not wait, slow enough for a busy machine. */
const TEST_TIMINGS: Partial<WorkerTimings> = {
  heartbeatMs: 200,
  databaseMs: 200,
  triggersMs: 200,
  schemaMs: 50,
  healthMs: 50,
};

/** Runs a worker in this process, on a free ops port. Does not wait until it has started: see `log.waitFor('worker.started')`. */
export function startTestWorker(
  definition: WorkerDefinition,
  config: TestConfig,
  options: TestWorkerOptions = {},
): TestWorker {
  const log = new CapturedLog();
  const worker = new Worker(definition, loadConfig(config.path), {
    instance: options.instance ?? 0,
    env: options.env ?? {},
    log: log.logger(),
    timings: { ...TEST_TIMINGS, ...options.timings },
    opsPort: 0,
  });
  const ended = worker.run();
  // Who does not look at the end must not fall over it.
  ended.catch(() => undefined);
  return {
    worker,
    context: worker.context,
    log,
    ended,
    opsUrl: (path) => {
      const { opsAddress } = worker.context.registry.entry;
      if (opsAddress === null) throw new Error('the ops listener does not listen yet');
      return `http://${opsAddress}${path}`;
    },
    stop: () => {
      worker.stop();
      return ended;
    },
  };
}
