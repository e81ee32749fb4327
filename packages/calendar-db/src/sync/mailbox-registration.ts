import type { CalendarDatabase, Queryable } from '../database/database.ts';
import { sqlFile } from '../database/sql-file.ts';

const sql = {
  findUnregistered: sqlFile('sync/find-unregistered'),
  lock: sqlFile('sync/lock-registration'),
  add: sqlFile('sync/add-mailboxes'),
  relist: sqlFile('sync/relist-mailboxes'),
  move: sqlFile('sync/move-mailboxes'),
  assignGroups: sqlFile('sync/assign-groups'),
  markDelisted: sqlFile('sync/mark-delisted'),
  countDelisted: sqlFile('sync/count-delisted'),
  removeDelisted: sqlFile('sync/remove-delisted'),
  confirmRemoval: sqlFile('sync/confirm-removal'),
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
  const { rows } = await db.query<{ address: string; provider: string | null }>(sql.findUnregistered, [
    provider,
    addresses,
  ]);
  const others = rows.filter((row) => row.provider !== null && row.provider !== provider).length;
  if (rows.length === (move ? 0 : others)) return { added: 0, relisted: 0, moved: 0, elsewhere: others };
  const wanted = rows.map((row) => row.address);
  return db.transaction(async (client) => {
    const write = async (text: string, values: unknown[]) => (await client.query(text, values)).rowCount ?? 0;
    await client.query(sql.lock);
    // The lock of the change log, which the first one takes, comes before locks of rows.
    const added = await write(sql.add, [provider, wanted]);
    const relisted = await write(sql.relist, [provider, wanted]);
    const moved = move ? await write(sql.move, [provider, wanted]) : 0;
    await client.query(sql.assignGroups, [provider, groupSize]);
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
  const { rows: counts } = await db.query<{ delisted: number }>(sql.countDelisted);
  // A DELETE takes the lock of the change log even when it finds nothing.
  if (counts[0]?.delisted === 0) return { removed: [], waiting: 0 };
  const { rows } = await db.query<{ removed: string[]; waiting: number }>(sql.removeDelisted, [times.graceSeconds]);
  return rows[0] ?? { removed: [], waiting: 0 };
}

/** Agrees to the removal of all delisted mailboxes. @returns their addresses. */
export async function confirmRemoval(db: Queryable): Promise<string[]> {
  return (await db.query<{ address: string }>(sql.confirmRemoval)).rows.map((row) => row.address);
}
