import type { Queryable } from '../database/database.ts';
import { sqlFile } from '../database/sql-file.ts';

const sql = { aliases: sqlFile('people/read-aliases'), hasMailbox: sqlFile('people/has-mailbox') };

/**
 * Every known spelling of the people behind addresses, the addresses themselves included.
 *
 * @param addresses in the spelling of `canonicalAddress`
 */
export async function readAliases(db: Queryable, addresses: readonly string[]): Promise<string[]> {
  return (await db.query<{ address: string }>(sql.aliases, [addresses])).rows.map((row) => row.address);
}

/** Whether one of these people (canonical addresses) has a mailbox that is to be cached, be it read yet or not. */
export async function hasMailbox(db: Queryable, viewers: readonly string[]): Promise<boolean> {
  return (await db.query<{ there: boolean }>(sql.hasMailbox, [viewers])).rows[0]?.there ?? false;
}
