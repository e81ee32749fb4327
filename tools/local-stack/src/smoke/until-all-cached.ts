import type { DatabaseOptions } from 'calendar-db/database';
import { SqlDatabase } from 'calendar-db/testing/sql-database';
import { until } from './until.ts';

export interface CacheFigures {
  readonly events: number;
  readonly mailboxes: number;
}

/** Waits for the first sync of every mailbox. @returns how much is cached then */
export async function untilAllCached(admin: DatabaseOptions): Promise<CacheFigures> {
  const database = new SqlDatabase({ ...admin, poolSize: 1 });
  try {
    return await until(
      'every mailbox is cached',
      async () => {
        const { rows } = await database.query<{ events: number; mailboxes: number; waiting: number }>(
          `SELECT (SELECT count(*) FROM calendar.event WHERE gone_at IS NULL)::integer AS events, count(*)::integer AS mailboxes,
                  (count(*) FILTER (WHERE cached_at IS NULL))::integer AS waiting FROM calendar.mailbox`,
        );
        const [figures] = rows;
        if (figures === undefined || figures.mailboxes === 0 || figures.waiting > 0) return undefined;
        return { events: figures.events, mailboxes: figures.mailboxes };
      },
      60_000,
    );
  } finally {
    await database.close();
  }
}
