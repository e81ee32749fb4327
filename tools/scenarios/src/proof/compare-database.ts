import type { CalendarDatabase } from 'calendar-db';
import type { ExchangeControl } from 'stack-driver';
import { type DescribedEvent, describeTruth, differences } from './described-event.ts';

/** Live rows within what a mailbox's cache covers, in the words of `DescribedEvent`. */
const ROWS = `
  SELECT item_id, jsonb_build_object(
    'title', subject, 'start', floor(extract(epoch FROM start_at) * 1000), 'end', floor(extract(epoch FROM end_at) * 1000),
    'allDay', all_day, 'startDate', to_char(start_date, 'YYYY-MM-DD'), 'endDate', to_char(end_date, 'YYYY-MM-DD'),
    'timeZone', time_zone, 'location', location, 'organizer', organizer_address, 'myResponse', my_response,
    'freeBusy', free_busy, 'sensitivity', sensitivity, 'cancelled', is_cancelled, 'categories', to_jsonb(categories),
    'reminderMinutes', reminder_minutes,
    'attendees', coalesce((
      SELECT jsonb_agg(concat_ws(' ', a ->> 'address', a ->> 'role', a ->> 'response')
                       ORDER BY concat_ws(' ', a ->> 'address', a ->> 'role', a ->> 'response') COLLATE "C")
      FROM jsonb_array_elements(attendees) a), '[]')) AS event
  FROM calendar.event WHERE mailbox_id = $1 AND gone_at IS NULL`;

const MAILBOXES =
  'SELECT mailbox_id::text AS id, address, window_from, window_to FROM calendar.mailbox ORDER BY address';

interface MailboxRow {
  readonly id: string;
  readonly address: string;
  readonly window_from: Date;
  readonly window_to: Date;
}

/** Compares every mailbox in the database with Exchange, field by field. @returns what differs, and how many events agree */
export async function compareDatabase(
  database: CalendarDatabase,
  exchange: ExchangeControl,
): Promise<{ differing: string[]; compared: number }> {
  const { rows: mailboxes } = await database.query<MailboxRow & Record<string, unknown>>(MAILBOXES);
  const differing: string[] = [];
  let compared = 0;
  for (const { id, address, window_from, window_to } of mailboxes) {
    const truth = await exchange.truth(address, window_from, window_to);
    const wanted = new Map(truth.map((one) => [one.itemId, describeTruth(one)]));
    const { rows } = await database.query<{ item_id: string; event: DescribedEvent }>(ROWS, [id]);
    const found = new Map(rows.map(({ item_id, event }) => [item_id, inOrder(event)]));
    differing.push(...differences(`database, ${address}`, wanted, found));
    compared += wanted.size;
  }
  return { differing, compared };
}

/** JSON of the database has its keys in an order of its own. */
function inOrder(event: DescribedEvent): DescribedEvent {
  return { ...event, attendees: [...event.attendees].sort(), categories: [...event.categories] };
}
