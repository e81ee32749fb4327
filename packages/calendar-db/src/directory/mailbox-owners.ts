import { defineQuery, type Queryable } from '../database/query.ts';

const sql = {
  aliases: defineQuery('people/read-aliases', { params: ['text[]'], row: { address: 'text' } }),
  hasMailbox: defineQuery('people/has-mailbox', { params: ['text[]'], row: { there: 'boolean' } }),
};

/**
 * Every known spelling of the people behind addresses, the addresses themselves included.
 *
 * @param addresses in the spelling of `canonicalAddress`
 */
export async function readAliases(db: Queryable, addresses: readonly string[]): Promise<string[]> {
  return (await db.query(sql.aliases, [addresses])).rows.map((row) => row.address);
}

/** Whether one of these people (canonical addresses) has a mailbox that is to be cached, be it read yet or not. */
export async function hasMailbox(db: Queryable, viewers: readonly string[]): Promise<boolean> {
  return (await db.query(sql.hasMailbox, [viewers])).rows[0]?.there ?? false;
}
