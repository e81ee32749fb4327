import { basename } from 'node:path';
import { connectionConfig, SqlDatabase } from 'calendar-db/testing/sql-database';
import pg from 'pg';
import {
  databaseOptions,
  fillCompileCache,
  freePorts,
  LocalStack,
  type WorkerConfig,
  type WorkerName,
  WorkerProcess,
  writeWorkerConfig,
} from 'stack-driver';
import { fillWithoutTriggers } from '../fill.ts';
import { postmasterOf } from './postgres-cost.ts';

const KINDS = { 'sync-worker': 'syncWorker', 'ws-gateway': 'wsGateway', launcher: 'launcher' } as const;
const MOST_OF_A_KIND = 20;

/** A stack whose Postgres can be measured, and workers on it. */
export interface WorkerStack {
  readonly stack: LocalStack;
  readonly database: SqlDatabase;
  readonly postmaster: number;
  /** Runs a statement of `tools/bench/sql` without triggers, whose work its rows already hold. */
  fill(name: string, values?: unknown[]): Promise<void>;
  /** Writes a config of its own for some workers. @returns its file */
  config(name: string, change: (config: WorkerConfig) => void): Promise<string>;
  /** Starts so many workers of a kind and waits until all are ready. @throws NotInTimeError */
  start(name: WorkerName, config: string, count?: number): Promise<WorkerProcess[]>;
}

/** Runs something on a stack of its own and ends all that was started, also when it fails. */
export async function withWorkerStack<Result>(run: (workers: WorkerStack) => Promise<Result>): Promise<Result> {
  const stack = await LocalStack.start({ measurable: true });
  const database = new SqlDatabase({ ...databaseOptions(stack.addresses.database, 'bench'), poolSize: 2 });
  const started: WorkerProcess[] = [];
  try {
    const wsPort = await freePorts(MOST_OF_A_KIND);
    const first = await freePorts(3 * MOST_OF_A_KIND);
    const ports = { syncWorker: first, wsGateway: first + MOST_OF_A_KIND, launcher: first + 2 * MOST_OF_A_KIND };
    const { logs, config: stackConfig } = stack.addresses;
    // Each worker process listens to the end of this one.
    process.setMaxListeners(3 * MOST_OF_A_KIND);
    await fillCompileCache(Object.keys(KINDS) as WorkerName[], logs);
    return await run({
      stack,
      database,
      postmaster: await postmasterOf(database),
      fill: (name, values = []) => fill(database, name, values),
      config: (name, change) =>
        writeWorkerConfig(stackConfig, name, (draft) => {
          draft.wsPort = wsPort;
          draft.ops.ports = ports;
          change(draft);
        }),
      start: async (name, config, count = 1) => {
        const configs = await Promise.all(
          Array.from({ length: count }, (_, instance) => configOf(config, wsPort, instance)),
        );
        const opsPort = ports[KINDS[name]];
        const workers = configs.map(
          (own, instance) => new WorkerProcess({ name, instance, config: own, opsPort, logs }),
        );
        started.push(...workers);
        await Promise.all(workers.map((worker) => worker.ready()));
        return workers;
      },
    });
  } finally {
    await Promise.all(started.map((worker) => worker.stop()));
    await database.close();
    await stack.stop({ keepLogs: false });
  }
}

/** Gateways on one machine need a port each. @returns the file of an instance's own config */
function configOf(config: string, wsPort: number, instance: number): Promise<string> {
  const name = `${basename(config, '.json').replace(/^config-/u, '')}-${instance}`;
  return writeWorkerConfig(config, name, (draft) => {
    draft.wsPort = wsPort + instance;
  });
}

async function fill(database: SqlDatabase, name: string, values: unknown[]): Promise<void> {
  const patient = { statement_timeout: 0, query_timeout: 0, lock_timeout: 0, idle_in_transaction_session_timeout: 0 };
  const client = new pg.Client({ ...connectionConfig(database.options), ...patient });
  await client.connect();
  try {
    await fillWithoutTriggers(client, name, values);
  } finally {
    await client.end();
  }
}
