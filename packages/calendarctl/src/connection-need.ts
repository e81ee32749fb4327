import type { ConnectionRoom } from 'calendar-db/operator';
import type { RegisteredWorker } from 'calendar-db/workers';
import type { ConnectorConfig } from 'connector-config';
import { isWorkerKind, type WorkerKind, workerConnections } from 'worker-kit';

/** What the workers of one kind may open. */
interface KindConnections {
  readonly kind: WorkerKind;
  readonly workers: number;
  /** Connections of one worker at most, the listening one included. */
  readonly each: number;
  readonly connections: number;
}

/** The connections that the registered workers may open, beside what Postgres allows. */
export interface ConnectionNeed {
  readonly kinds: readonly KindConnections[];
  /** At most at a time, `calendarctl` included. */
  readonly needed: number;
  /** What the limits of Postgres, of the role and of the database leave for the connector. */
  readonly allowed: number;
  /** What follows when they are too few, and what to do; null when they do. */
  readonly warning: string | null;
}

/** Connections of one `calendarctl` at most. */
export const COMMAND_CONNECTIONS = 2;
/** For a backup, an administrator and a monitor, when a new limit is proposed. */
const SPARE = 10;

/**
 * Compares what the live workers may open with what Postgres allows. Behind a connection pooler (`database.listen`) only the
 * listening connections reach Postgres directly: those of the pools are the pooler's to limit.
 */
export function connectionNeed(
  workers: readonly Pick<RegisteredWorker, 'kind'>[],
  config: Pick<ConnectorConfig, 'database'>,
  room: ConnectionRoom,
): ConnectionNeed {
  const isPooled = config.database.listen !== undefined;
  const kinds = [...Map.groupBy(workers, ({ kind }) => kind)].flatMap(([kind, { length }]): KindConnections[] => {
    if (!isWorkerKind(kind)) return [];
    const { pool, listening } = workerConnections(kind, config);
    const each = isPooled ? listening : pool + listening;
    return [{ kind, workers: length, each, connections: length * each }];
  });
  const needed = kinds.reduce((sum, { connections }) => sum + connections, isPooled ? 0 : COMMAND_CONNECTIONS);
  const { limit, cure } = limitOf(room, needed);
  if (needed <= limit) return { kinds, needed, allowed: limit, warning: null };
  const warning =
    `the ${workers.length} registered workers and calendarctl may open ${needed} connections to Postgres at a time, which ` +
    `allows them ${limit}: a worker that gets none is unready. ${cure}, run fewer workers, or lower database.poolSize`;
  return { kinds, needed, allowed: limit, warning };
}

/** The narrowest limit, and how it is widened. */
function limitOf(room: ConnectionRoom, needed: number): { limit: number; cure: string } {
  const { mostConnections, reserved, roleLimit, databaseLimit } = room;
  const limits = [
    {
      limit: mostConnections - reserved,
      cure:
        `Set max_connections, now ${mostConnections} of which ${reserved} are reserved, to at least ` +
        `${needed + reserved + SPARE} in postgresql.conf and restart Postgres`,
    },
    ...(roleLimit === null ? [] : [{ limit: roleLimit, cure: `Widen the role’s CONNECTION LIMIT by ALTER ROLE` }]),
    ...(databaseLimit === null
      ? []
      : [{ limit: databaseLimit, cure: `Widen the database’s CONNECTION LIMIT by ALTER DATABASE` }]),
  ];
  return limits.reduce((narrowest, other) => (other.limit < narrowest.limit ? other : narrowest));
}
