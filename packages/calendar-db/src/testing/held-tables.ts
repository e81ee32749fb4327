import type { DatabaseOptions } from '../database/database.ts';
import { SqlDatabase } from './sql-database.ts';

/** How long statements may wait, and so the longest time that tables can be held, is bound by the sessions of the others. */
const HOLD = 'SET LOCAL idle_in_transaction_session_timeout = 0';

/**
 * Keeps all others from some tables while `work` runs, so that each of their queries there waits with its connection.
 * @param tables with their schema
 */
export async function whileTablesAreHeld(
  options: DatabaseOptions,
  tables: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  const holder = new SqlDatabase({ ...options, applicationName: 'calendar test holder', poolSize: 1 });
  try {
    await holder.transaction(async (client) => {
      await client.query(HOLD);
      await client.query(`LOCK TABLE ${tables.join(', ')} IN ACCESS EXCLUSIVE MODE`);
      await work();
    });
  } finally {
    await holder.close();
  }
}

/** How many connections of one worker Postgres has. @param worker such as `sync-worker 0` */
export async function countConnections(database: SqlDatabase, worker: string): Promise<number> {
  const { rows } = await database.query<{ n: number }>(
    `SELECT count(*)::integer AS n FROM pg_stat_activity
     WHERE datname = current_database() AND starts_with(application_name, $1)`,
    [`trueconf-calendar ${worker}`],
  );
  return rows[0]?.n ?? 0;
}
