import type { ConnectorConfig } from 'connector-config';
import type { WorkerKind } from './worker-definition.ts';

/**
 * Connections that a worker of each kind opens at most beside the listening one, unless `database.poolSize` says otherwise.
 * What needs them: docs/operations.md, Connections to Postgres.
 */
const POOL_SIZE: Record<WorkerKind, number> = {
  'sync-worker': 6,
  'ws-gateway': 5,
  launcher: 4,
};

/** Whether a kind in the registry is one that this build knows. */
export function isWorkerKind(kind: string): kind is WorkerKind {
  return Object.hasOwn(POOL_SIZE, kind);
}

/** Connections that one worker may have to the database at a time. */
interface WorkerConnections {
  /** For queries; idle ones close. */
  readonly pool: number;
  /** For notifications; always open. */
  readonly listening: number;
}

/** Connections that one worker of a kind may have by its config. */
export function workerConnections(
  kind: WorkerKind,
  { database }: Pick<ConnectorConfig, 'database'>,
): WorkerConnections {
  return { pool: database.poolSize ?? POOL_SIZE[kind], listening: 1 };
}
