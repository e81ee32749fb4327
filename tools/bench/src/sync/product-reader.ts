import type pg from 'pg';
import { type ExchangeControl, until } from 'stack-driver';
import type { BenchStack } from '../with-stack.ts';
import { processCost } from './process-cost.ts';
import type { MailboxRead, ReaderResult } from './reader-task.ts';

/** Sync after sync is looked for in the database so often; the figures come from its own time stamps. */
const LOOK_EVERY_MS = 100;

const STORED = `
  SELECT m.address AS mailbox, extract(epoch FROM m.cached_at)::float8 * 1000 AS "endedMs",
    count(e.event_id)::int AS occurrences,
    coalesce(sum(jsonb_array_length(e.attendees)), 0)::int AS attendees,
    coalesce(sum(char_length(e.preview)), 0)::int AS "bodyCharacters"
  FROM calendar.mailbox m LEFT JOIN calendar.event e ON e.mailbox_id = m.mailbox_id AND e.gone_at IS NULL
  WHERE m.cached_at IS NOT NULL GROUP BY m.mailbox_id`;

/**
 * Lets a real sync-worker read all mailboxes into a database that knows none of them.
 *
 * @returns per mailbox the time from its first request, by the simulator's journal, to the commit that made it complete
 */
export async function readWithProduct(
  { start }: BenchStack,
  database: pg.Pool,
  exchange: ExchangeControl,
  { config, mailboxes, mostMs }: { readonly config: string; readonly mailboxes: number; readonly mostMs: number },
): Promise<ReaderResult> {
  // Mailboxes and events, and with them what was remembered about reading them.
  await database.query('TRUNCATE calendar.mailbox, calendar.event_audience CASCADE');
  await exchange.forgetJournal();
  const worker = await start('sync-worker', config);
  await until(
    `${mailboxes} mailboxes are read`,
    async () => {
      const { rows } = await database.query<{ n: number }>(
        'SELECT count(*)::int AS n FROM calendar.mailbox WHERE cached_at IS NOT NULL',
      );
      return rows[0]?.n === mailboxes ? true : undefined;
    },
    { patienceMs: mostMs, everyMs: LOOK_EVERY_MS },
  );
  const cost = await processCost(worker.pid);
  await worker.stop();
  const firsts = new Map<string, number>();
  for (const { mailbox, at } of await exchange.journal()) {
    if (mailbox !== undefined && !firsts.has(mailbox)) firsts.set(mailbox, at);
  }
  const { rows } = await database.query<Omit<MailboxRead, 'startedMs'>>(STORED);
  return { reads: rows.map((row) => ({ ...row, startedMs: firsts.get(row.mailbox) ?? Number.NaN })), ...cost };
}
