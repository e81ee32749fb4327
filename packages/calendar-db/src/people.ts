import type { Queryable } from './database.ts';
import { sqlFile } from './sql-file.ts';

const sql = { canonical: sqlFile('people/canonical-addresses'), coverage: sqlFile('views/read-coverage') };

/**
 * The people behind addresses: a known alias gives the address it stands for, any other address itself.
 *
 * @param addresses in the spelling of `canonicalAddress`
 */
export async function canonicalAddresses(db: Queryable, addresses: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await db.query<{ address: string; canonical: string }>(sql.canonical, [addresses]);
  return new Map(rows.map((row) => [row.address, row.canonical]));
}

/** What the cache holds of a person's calendar. */
export interface Coverage {
  readonly viewer: string;
  /** His mailbox was read completely at least once. */
  readonly cached: boolean;
  /** The window that the cache covers; null when it is not cached. */
  readonly coveredFrom: Date | null;
  readonly coveredTo: Date | null;
}

/** @param viewers canonical addresses. @returns one entry for each distinct viewer, in any order. */
export async function readCoverage(db: Queryable, viewers: readonly string[]): Promise<Coverage[]> {
  return (await db.query<Coverage & Record<string, unknown>>(sql.coverage, [viewers])).rows;
}
