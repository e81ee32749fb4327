import { defineQuery, type Queryable } from '../database/query.ts';

const sql = { describe: defineQuery('schema/describe', { row: { line: 'text' } }) };

/** Everything in the schema, one line each. */
export async function describeSchema(db: Queryable): Promise<string> {
  const { rows } = await db.query(sql.describe);
  return rows.map((row) => `${row.line}\n`).join('');
}
