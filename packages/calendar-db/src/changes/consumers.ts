import { defineQuery, type Queryable } from '../database/query.ts';
import type { LogPosition } from './change-log.ts';

const sql = {
  make: defineQuery('consumers/make', { params: ['text'] }),
  hold: defineQuery('consumers/hold', {
    params: ['text'],
    row: { epoch: 'text', seq: 'double precision', configDigest: 'text', fullPassAgeMs: 'double precision?' },
  }),
  move: defineQuery('consumers/move', { params: ['text', 'text', 'bigint', 'text?'] }),
  lag: defineQuery('consumers/lag', { params: ['text', 'double precision'], row: { waiting: 'integer' } }),
};

/** A durable reader of the change log, shared by several processes: whoever holds its row reads on. */
export interface Consumer extends LogPosition {
  /** Of the configuration by which everything was gone through last; empty before the first time. */
  readonly configDigest: string;
  /** How long ago that was, milliseconds; null before the first time. */
  readonly fullPassAgeMs: number | null;
}

/** Makes sure that there is a consumer of this name; a new one has read nothing of any history. */
export async function makeConsumer(db: Queryable, name: string): Promise<void> {
  await db.query(sql.make, [name]);
}

/**
 * Holds a consumer until the end of the transaction. Never waits.
 * @returns null when another process holds it
 */
export async function holdConsumer(transaction: Queryable, name: string): Promise<Consumer | null> {
  return (await transaction.query(sql.hold, [name])).rows[0] ?? null;
}

/**
 * Moves a consumer that this transaction holds.
 * @param fullPassDigest when everything was gone through: the digest of the configuration it was done by
 */
export async function moveConsumer(
  transaction: Queryable,
  name: string,
  position: LogPosition,
  fullPassDigest: string | null = null,
): Promise<void> {
  await transaction.query(sql.move, [name, position.epoch, position.seq, fullPassDigest]);
}

/** How many changes of events a consumer has left unread for longer than `graceMs`. */
export async function countUnreadChanges(db: Queryable, name: string, graceMs: number): Promise<number> {
  return (await db.query(sql.lag, [name, graceMs])).rows[0]?.waiting ?? 0;
}
