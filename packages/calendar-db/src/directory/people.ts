import { defineQuery, type Queryable } from '../database/query.ts';

const sql = {
  canonical: defineQuery('people/canonical-addresses', {
    params: ['text[]'],
    row: { address: 'text', canonical: 'text' },
  }),
};

/**
 * The people behind addresses: a known alias gives the address it stands for, any other address itself.
 *
 * @param addresses in the spelling of `canonicalAddress`
 */
export async function canonicalAddresses(db: Queryable, addresses: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await db.query(sql.canonical, [addresses]);
  return new Map(rows.map((row) => [row.address, row.canonical]));
}
