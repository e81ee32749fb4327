import type { CalendarDatabase } from '../database/database.ts';
import { defineQuery, type Queryable } from '../database/query.ts';
import { assignGroups, lockRegistration } from './group-assignment.ts';

const sql = {
  findUnregistered: defineQuery('sync/find-unregistered', {
    params: ['text', 'text[]'],
    row: { address: 'text', provider: 'text?' },
  }),
  add: defineQuery('sync/add-mailboxes', { params: ['text', 'text[]'] }),
  relist: defineQuery('sync/relist-mailboxes', { params: ['text', 'text[]'] }),
  move: defineQuery('sync/move-mailboxes', { params: ['text', 'text[]'] }),
  markDelisted: defineQuery('sync/mark-delisted', { params: ['double precision'] }),
  countDelisted: defineQuery('sync/count-delisted', { row: { delisted: 'integer' } }),
  removeDelisted: defineQuery('sync/remove-delisted', {
    params: ['double precision'],
    row: { removed: 'text[]', waiting: 'integer' },
  }),
  refreshStatistics: defineQuery('sync/refresh-statistics', { row: { tables: 'text[]' } }),
  confirmRemoval: defineQuery('sync/confirm-removal', { row: { address: 'text' } }),
};

interface RegistrationTerms {
  /** Mailboxes in a sync group at most. */
  readonly groupSize: number;
  /**
   * Whether a mailbox that another provider has is taken over. Only while all workers agree on the providers: two that do
   * not would take it from each other for ever.
   */
  readonly move: boolean;
}

interface Registration {
  readonly added: number;
  /** Had lost their place in all configurations and got it back. */
  readonly relisted: number;
  /** Came from another provider: their sync begins anew, their cache stays. */
  readonly moved: number;
  /** Belong to another provider and stay there, because `move` was off. */
  readonly elsewhere: number;
}

/**
 * Makes sure that all listed mailboxes of a provider are known, each in a sync group with room for it. Writes, and takes
 * locks, only when there is something to do.
 *
 * @param addresses canonical
 */
export async function registerMailboxes(
  db: CalendarDatabase,
  provider: string,
  addresses: readonly string[],
  { groupSize, move }: RegistrationTerms,
): Promise<Registration> {
  const { rows } = await db.query(sql.findUnregistered, [provider, addresses]);
  const others = rows.filter((row) => row.provider !== null && row.provider !== provider).length;
  if (rows.length === (move ? 0 : others)) return { added: 0, relisted: 0, moved: 0, elsewhere: others };
  const wanted = rows.map((row) => row.address);
  return db.transaction(async (client) => {
    const write = async (query: typeof sql.add) => (await client.query(query, [provider, wanted])).rowCount ?? 0;
    await client.query(lockRegistration);
    // The lock of the change log, which the first one takes, comes before locks of rows.
    const added = await write(sql.add);
    const relisted = await write(sql.relist);
    const moved = move ? await write(sql.move) : 0;
    await client.query(assignGroups, [provider, groupSize]);
    return { added, relisted, moved, elsewhere: move ? 0 : others };
  });
}

/**
 * Marks mailboxes that no live sync-worker lists and removes those that were marked for longer than the grace.
 * @returns the removed addresses, and how many wait for `confirmRemoval` because over a fifth would go at once
 */
export async function removeDelistedMailboxes(
  db: Queryable,
  times: { readonly deadWorkerSeconds: number; readonly graceSeconds: number },
): Promise<{ removed: string[]; waiting: number }> {
  await db.query(sql.markDelisted, [times.deadWorkerSeconds]);
  const { rows: counts } = await db.query(sql.countDelisted);
  // A DELETE takes the lock of the change log even when it finds nothing.
  if (counts[0]?.delisted === 0) return { removed: [], waiting: 0 };
  const { rows } = await db.query(sql.removeDelisted, [times.graceSeconds]);
  return rows[0] ?? { removed: [], waiting: 0 };
}

/** Agrees to the removal of all delisted mailboxes. @returns their addresses. */
export async function confirmRemoval(db: Queryable): Promise<string[]> {
  return (await db.query(sql.confirmRemoval)).rows.map((row) => row.address);
}

/**
 * Has Postgres analyze the tables that have grown much since it last did, as they do with a first sync: queries are planned as
 * for small tables until then. Cheap when none has. @returns the tables
 */
export async function refreshStatistics(db: Queryable): Promise<string[]> {
  return (await db.query(sql.refreshStatistics)).rows[0]?.tables ?? [];
}
