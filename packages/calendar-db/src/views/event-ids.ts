import type { Queryable } from '../database/database.ts';
import { sqlFile } from '../database/sql-file.ts';
import type { ViewRules } from './event-views.ts';

const sql = { list: sqlFile('views/list-event-ids') };

/**
 * Ids of what one person sees in a range of time, by start.
 *
 * @param viewers his canonical addresses
 * @param range `from` inclusive, `to` exclusive, as in `listEventViews`
 */
export async function listEventIds(
  db: Queryable,
  viewers: readonly string[],
  range: { readonly from: Date; readonly to: Date },
  rules: ViewRules,
): Promise<string[]> {
  const values = [viewers, range.from, range.to, rules.participants];
  return (await db.query<{ id: string }>(sql.list, values)).rows.map((row) => row.id);
}
