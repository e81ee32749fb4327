import type { Queryable } from '../database/database.ts';
import { sqlFile } from '../database/sql-file.ts';

const sql = { canonical: sqlFile('people/canonical-addresses') };

/**
 * The people behind addresses: a known alias gives the address it stands for, any other address itself.
 *
 * @param addresses in the spelling of `canonicalAddress`
 */
export async function canonicalAddresses(db: Queryable, addresses: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await db.query<{ address: string; canonical: string }>(sql.canonical, [addresses]);
  return new Map(rows.map((row) => [row.address, row.canonical]));
}
