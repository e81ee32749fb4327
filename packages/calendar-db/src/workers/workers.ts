import { z } from 'zod';
import { json } from '../database/column-types.ts';
import { defineQuery, type Queryable } from '../database/query.ts';

const sql = {
  register: defineQuery('workers/register', {
    params: ['uuid', 'text', 'text', 'integer', 'integer', 'text', 'jsonb', 'text?', 'text?', 'text[]', 'boolean'],
  }),
  heartbeat: defineQuery('workers/heartbeat', { params: ['uuid'] }),
  remove: defineQuery('workers/remove', { params: ['uuid'] }),
  forgetDead: defineQuery('workers/forget-dead', { params: ['double precision'] }),
  list: defineQuery('workers/list', {
    row: {
      workerId: 'uuid',
      kind: 'text',
      host: 'text',
      instance: 'integer',
      pid: 'integer',
      version: 'text',
      configDigests: json(z.record(z.string(), z.string())),
      keyId: 'text?',
      opsAddress: 'text?',
      draining: 'boolean',
      startedAt: 'timestamptz',
      seenAt: 'timestamptz',
      silentMs: 'double precision',
    },
  }),
  clock: defineQuery('workers/clock', { row: { now: 'double precision' } }),
};

/** A worker that was silent for so long, five heartbeats, counts as dead: others take over what it held. */
export const WORKER_DEAD_AFTER_MS = 10_000;

/** What a process tells about itself in the registry. */
export interface WorkerEntry {
  /** UUID, new for each start. */
  readonly workerId: string;
  readonly kind: string;
  readonly host: string;
  readonly instance: number;
  readonly pid: number;
  readonly version: string;
  /** SHA-256 of each configuration section that the process uses; workers of a kind must agree. */
  readonly configDigests: Readonly<Record<string, string>>;
  /** Names the key file in use; null when the worker needs none. */
  readonly keyId: string | null;
  /** `host:port` of its ops listener; null while that has none. */
  readonly opsAddress: string | null;
  /** Canonical addresses of the mailboxes that its configuration lists. */
  readonly lists: readonly string[];
  /** It takes no more work and is about to leave. */
  readonly draining: boolean;
}

/** A worker as the others see it: what it lists is told by the digest of that section. */
export interface RegisteredWorker extends Omit<WorkerEntry, 'lists'> {
  readonly startedAt: Date;
  readonly seenAt: Date;
  /** Since its last heartbeat, by the database's clock. */
  readonly silentMs: number;
}

/** Enters a worker, or brings its entry up to date; drops what was left of a killed one at the same address. */
export async function registerWorker(database: Queryable, entry: WorkerEntry): Promise<void> {
  await database.query(sql.register, [
    entry.workerId,
    entry.kind,
    entry.host,
    entry.instance,
    entry.pid,
    entry.version,
    JSON.stringify(entry.configDigests),
    entry.keyId,
    entry.opsAddress,
    entry.lists,
    entry.draining,
  ]);
}

/** Says that a worker lives. @returns false when it has no entry (any more) and must register */
export async function heartbeatWorker(database: Queryable, workerId: string): Promise<boolean> {
  const { rowCount } = await database.query(sql.heartbeat, [workerId]);
  return rowCount === 1;
}

export async function removeWorker(database: Queryable, workerId: string): Promise<void> {
  await database.query(sql.remove, [workerId]);
}

/** Drops entries that were silent for longer than `silentMs`. @returns how many */
export async function forgetDeadWorkers(database: Queryable, silentMs: number): Promise<number> {
  const { rowCount } = await database.query(sql.forgetDead, [silentMs]);
  return rowCount ?? 0;
}

/** Everything in the registry, the dead included: compare `silentMs` with WORKER_DEAD_AFTER_MS. */
export async function listWorkers(database: Queryable): Promise<RegisteredWorker[]> {
  const { rows } = await database.query(sql.list);
  return rows;
}

/** The database's clock in unix milliseconds, with fractions, at the moment it is asked. */
export async function readDatabaseClock(database: Queryable): Promise<number> {
  const { rows } = await database.query(sql.clock);
  return rows[0]?.now ?? Number.NaN;
}
