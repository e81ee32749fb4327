import { defineQuery, type Queryable } from '../database/query.ts';

const sql = {
  want: defineQuery('sync/want-syncs', { params: ['text[]', 'double precision'] }),
  hasten: defineQuery('sync/hasten-polls', { params: ['text[]', 'text[]', 'double precision'] }),
  watchable: defineQuery('sync/read-watchable', {
    params: ['text[]'],
    row: { group: 'text', provider: 'text', address: 'text', healthy: 'boolean' },
  }),
};

/**
 * Notes that something happened in mailboxes: they are due in `settleSeconds`, by the database's clock. One whose sync is
 * running is synchronized once more afterwards; one in back-off keeps that.
 */
export async function wantSyncs(db: Queryable, addresses: readonly string[], settleSeconds: number): Promise<void> {
  if (addresses.length > 0) await db.query(sql.want, [addresses, settleSeconds]);
}

/**
 * Brings the polls of some groups' mailboxes forward to within `pollSeconds`, but for those that are `watched` and those in
 * back-off. @returns how many were later than that
 */
export async function hastenPolls(
  db: Queryable,
  groups: readonly string[],
  watched: readonly string[],
  pollSeconds: number,
): Promise<number> {
  if (groups.length === 0) return 0;
  return (await db.query(sql.hasten, [groups, watched, pollSeconds])).rowCount ?? 0;
}

/** A mailbox that is worth being listened to. */
interface WatchableMailbox {
  readonly group: string;
  readonly provider: string;
  readonly address: string;
  /** Whether its last sync succeeded. */
  readonly healthy: boolean;
}

/** The cached mailboxes of some groups, but for denied ones; in the order of their addresses. */
export async function readWatchableMailboxes(db: Queryable, groups: readonly string[]): Promise<WatchableMailbox[]> {
  if (groups.length === 0) return [];
  return (await db.query(sql.watchable, [groups])).rows;
}
