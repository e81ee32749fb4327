import type pg from 'pg';
import { sqlFile } from './sql-file.ts';

/** Stands in a statement for the columns of `calendar.event` that can be written. */
const COLUMNS = ':event_columns';
const READ_COLUMNS = `
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS columns FROM pg_attribute
  WHERE attrelid = 'calendar.event'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`;

/**
 * Runs a statement of `tools/bench/sql` as a superuser, or as a role that may do so, without triggers: its rows hold already
 * what triggers would have derived. Takes as long as it needs.
 * @param client without timeouts
 */
export async function fillWithoutTriggers(client: pg.Client, name: string, values: unknown[]): Promise<void> {
  const { rows } = await client.query<{ columns: string }>(READ_COLUMNS);
  await client.query("SET session_replication_role = 'replica'");
  try {
    const text = sqlFile(name);
    await client.query(text.replaceAll(COLUMNS, rows[0]!.columns), values);
    if (text.includes(COLUMNS)) await client.query(sqlFile('fill-audiences'));
  } finally {
    await client.query("SET session_replication_role = 'origin'");
  }
}
