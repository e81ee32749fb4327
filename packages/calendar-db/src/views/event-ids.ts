import { defineQuery, type Queryable } from '../database/query.ts';
import type { ViewRules } from './event-views.ts';

const sql = {
  list: defineQuery('views/list-event-ids', {
    params: ['text[]', 'timestamptz', 'timestamptz', 'boolean'],
    row: { id: 'uuid' },
  }),
};

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
  const values = [viewers, range.from, range.to, rules.participants] as const;
  return (await db.query(sql.list, values)).rows.map((row) => row.id);
}
