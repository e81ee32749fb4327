import { defineQuery, type Queryable } from '../database/query.ts';
import type { LogPosition } from './change-log.ts';

const sql = {
  make: defineQuery('consumers/make', { params: ['text'] }),
  hold: defineQuery('consumers/hold', {
    params: ['text'],
    row: {
      epoch: 'text',
      seq: 'double precision',
      configDigest: 'text',
      fullPassAgeMs: 'double precision?',
      passDigest: 'text?',
      passAfter: 'uuid?',
      passIdleMs: 'double precision?',
      mixedRules: 'boolean',
    },
  }),
  await: defineQuery('consumers/await', { params: ['text'], row: { held: 'integer' } }),
  move: defineQuery('consumers/move', { params: ['text', 'text', 'bigint'] }),
  beginPass: defineQuery('consumers/begin-pass', { params: ['text', 'text'] }),
  movePass: defineQuery('consumers/move-pass', { params: ['text', 'uuid?', 'integer'] }),
  endPass: defineQuery('consumers/end-pass', {
    params: ['text', 'integer'],
    row: { events: 'integer', ms: 'double precision' },
  }),
  noteMixedRules: defineQuery('consumers/note-mixed-rules', { params: ['text'] }),
  lag: defineQuery('consumers/lag', { params: ['text', 'double precision'], row: { waiting: 'integer' } }),
};

/**
 * A durable reader of the change log, shared by several processes: one of them at a time holds its row and reads on. It
 * also keeps how far the full pass is, which goes through everything page by page beside the changes.
 */
export interface Consumer extends LogPosition {
  /** Of the rules by which the last complete pass was made; empty before the first one. */
  readonly configDigest: string;
  /** How long ago the last pass was complete, milliseconds; null before the first one. */
  readonly fullPassAgeMs: number | null;
  /** Of the rules of the pass under way; null when none is. */
  readonly passDigest: string | null;
  /** Last event of the pass's last page; null before its first page and while no pass is under way. */
  readonly passAfter: string | null;
  /** How long ago the pass under way moved or began, milliseconds; null when none is under way. */
  readonly passIdleMs: number | null;
  /** Something was planned by other rules since the pass under way, or else the last one, began. */
  readonly mixedRules: boolean;
}

/** What a complete pass came to. */
export interface CompletePass {
  readonly events: number;
  /** From its beginning to its end, milliseconds, by the database's clock. */
  readonly ms: number;
}

/**
 * Makes sure that there is a consumer of this name; a new one has read nothing of any history.
 * @returns whether it had to be made
 */
export async function makeConsumer(db: Queryable, name: string): Promise<boolean> {
  return (await db.query(sql.make, [name])).rowCount === 1;
}

/** Waits until no other process holds a consumer, so that `holdConsumer` in the same transaction finds it free. */
export async function awaitConsumer(db: Queryable, name: string): Promise<void> {
  await db.query(sql.await, [name]);
}

/**
 * Holds a consumer until the end of the transaction. Never waits.
 * @returns null when another process holds it, or when there is none of this name
 */
export async function holdConsumer(transaction: Queryable, name: string): Promise<Consumer | null> {
  return (await transaction.query(sql.hold, [name])).rows[0] ?? null;
}

/** Moves a consumer that this transaction holds. */
export async function moveConsumer(transaction: Queryable, name: string, position: LogPosition): Promise<void> {
  await transaction.query(sql.move, [name, position.epoch, position.seq]);
}

/**
 * Begins a full pass of a consumer that this transaction holds, in place of one that is under way.
 * @param digest of the rules by which it will be made
 */
export async function beginPass(transaction: Queryable, name: string, digest: string): Promise<void> {
  await transaction.query(sql.beginPass, [name, digest]);
}

/**
 * Notes how far the pass under way has gone.
 * @param after the last event that was gone through; null: the first page, which has an order of its own, is not complete
 * @param events how many that no other page has were gone through
 */
export async function movePass(
  transaction: Queryable,
  name: string,
  after: string | null,
  events: number,
): Promise<void> {
  await transaction.query(sql.movePass, [name, after, events]);
}

/**
 * Notes that the pass under way is complete.
 * @param events how many events its last page had
 * @throws Error when no pass is under way
 */
export async function endPass(transaction: Queryable, name: string, events: number): Promise<CompletePass> {
  const { rows } = await transaction.query(sql.endPass, [name, events]);
  const [complete] = rows;
  if (complete === undefined) throw new Error(`consumer ${name} has no full pass under way that could be complete`);
  return complete;
}

/** Notes that something was planned by other rules than those of the pass under way, or of the last one. */
export async function noteMixedRules(transaction: Queryable, name: string): Promise<void> {
  await transaction.query(sql.noteMixedRules, [name]);
}

/** How many changes of events a consumer has left unread for longer than `graceMs`. */
export async function countUnreadChanges(db: Queryable, name: string, graceMs: number): Promise<number> {
  return (await db.query(sql.lag, [name, graceMs])).rows[0]?.waiting ?? 0;
}
