import { oneOf } from '../database/column-types.ts';
import { defineQuery, type Queryable } from '../database/query.ts';

const sql = {
  head: defineQuery('changes/read-head', {
    row: { epoch: 'text', head: 'double precision', pruned: 'double precision' },
  }),
  after: defineQuery('changes/read-after', {
    params: ['bigint', 'bigint'],
    row: {
      seq: 'double precision',
      kind: oneOf('event', 'gone', 'aged', 'mailbox', 'viewer', 'conference'),
      eventId: 'uuid?',
      mailboxId: 'double precision?',
      audience: 'text[]',
      at: 'timestamptz',
    },
  }),
  events: defineQuery('changes/read-events', {
    params: ['bigint', 'integer'],
    row: { seq: 'double precision', eventId: 'uuid?' },
  }),
  prune: defineQuery('changes/prune', { params: ['numeric', 'integer'], row: { pruned: 'integer' } }),
  noticeRegression: defineQuery('changes/notice-regression', {
    params: ['text', 'bigint'],
    row: { renewed: 'boolean' },
  }),
};

/** Days for which changes are kept: a client that was away for longer gets a snapshot. */
const KEEP_DAYS = 7;
const MOST_CHANGES_PER_READ = 5_000;
/** Pruning goes in small transactions, so that it never delays anybody. */
const PRUNE_BATCH = 5_000;

/** A place in the change log: all changes up to `seq` of the history that `epoch` names. */
export interface LogPosition {
  readonly epoch: string;
  readonly seq: number;
}

/** How far the log goes. Changes up to `pruned` are forgotten, the newest has the number `head`. */
interface LogHead {
  readonly epoch: string;
  readonly head: number;
  readonly pruned: number;
}

type ChangeKind = 'event' | 'gone' | 'aged' | 'mailbox' | 'viewer' | 'conference';

/** One line of the change log; `audience` are the people (canonical addresses) whose view may differ since. */
export interface ChangeRow {
  readonly seq: number;
  readonly kind: ChangeKind;
  readonly eventId: string | null;
  readonly mailboxId: number | null;
  readonly audience: string[];
  readonly at: Date;
}

/** Where the log ends now, in one snapshot. To be read at every (re)connect: the epoch may be another one. */
export async function readLogHead(db: Queryable): Promise<LogHead> {
  const { rows } = await db.query(sql.head);
  const head = rows[0];
  if (!head) throw new Error('calendar.meta is empty: the calendar database was damaged; restore it from a backup');
  return head;
}

/**
 * The changes after a position in the order in which they were committed. A change that is committed later always has
 * a higher number than all that were returned, so reading on from the last one misses nothing.
 *
 * @param after number of the last change that is known
 * @param limit most rows to return; when so many come there may be more
 */
export async function readChanges(db: Queryable, after: number, limit = MOST_CHANGES_PER_READ): Promise<ChangeRow[]> {
  return (await db.query(sql.after, [after, limit])).rows;
}

/** A change as planners read it. */
export interface EventChange {
  readonly seq: number;
  /** What is to be planned; null: nothing is by this change. */
  readonly eventId: string | null;
}

/** As `readChanges`, without the people: those of a large meeting are as many as its attendees, for each change. */
export async function readEventChanges(db: Queryable, after: number, limit: number): Promise<EventChange[]> {
  return (await db.query(sql.events, [after, limit])).rows;
}

/** Whether everything that came after a position is still in the log. */
export function isRecoverable(position: LogPosition, head: LogHead): boolean {
  return position.epoch === head.epoch && position.seq >= head.pruned && position.seq <= head.head;
}

/**
 * Forgets changes older than `keepDays`.
 * @returns how many were forgotten
 */
export async function pruneChanges(db: Queryable, keepDays = KEEP_DAYS): Promise<number> {
  let total = 0;
  for (;;) {
    const { rows } = await db.query(sql.prune, [keepDays, PRUNE_BATCH]);
    const pruned = rows[0]?.pruned ?? 0;
    total += pruned;
    if (pruned < PRUNE_BATCH) return total;
  }
}

/**
 * To be called with the furthest position that was ever read. If the log now ends before it, an older state of the
 * database was put back: the history gets a new epoch, so that no position of the lost one is ever continued. Of many
 * readers who notice at the same time one does it.
 *
 * @returns true for the one call that renewed the epoch
 */
export async function noticeLogRegression(db: Queryable, lastSeen: LogPosition): Promise<boolean> {
  const { rows } = await db.query(sql.noticeRegression, [lastSeen.epoch, lastSeen.seq]);
  return rows[0]?.renewed ?? false;
}
