import { defineQuery, type Queryable } from './query.ts';

const sql = {
  set: defineQuery('database/statement-timeout', { params: ['text'], row: { before: 'text' } }),
};

/** Runs `work` in a transaction whose statements may take no longer than `ms` each; those after it as long as before. */
export async function withStatementTimeout<Result>(
  transaction: Queryable,
  ms: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const { rows } = await transaction.query(sql.set, [String(ms)]);
  const result = await work();
  const before = rows[0]?.before;
  if (before !== undefined) await transaction.query(sql.set, [before]);
  return result;
}
