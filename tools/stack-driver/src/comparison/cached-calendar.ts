import type { ShownCalendar, ShownEvent } from './shown-event.ts';

/** As much of a connection to Postgres as reading takes. */
export interface Queryable {
  // biome-ignore lint/suspicious/noExplicitAny: rows are what the statement says, as with pg itself
  query(text: string, values?: unknown[]): Promise<{ rows: any[] }>;
}

/** A mailbox as the cache knows it. */
export interface CachedMailbox {
  readonly id: string;
  readonly address: string;
  readonly status: string;
  /** What the cache covers; null before the first sync. */
  readonly from: Date | null;
  readonly to: Date | null;
}

const MAILBOXES = `
  SELECT mailbox_id::text AS id, address, status, window_from AS "from", window_to AS "to"
  FROM calendar.mailbox ORDER BY address`;

const TIME = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
const DATE = (column: string) => `to_char(${column}, 'YYYY-MM-DD')`;
const ATTENDEE = `concat_ws(' ', a ->> 'address', a ->> 'role', a ->> 'response', a ->> 'name')`;

/** Live rows of one mailbox, in the words of `ShownEvent`. */
const EVENTS = `
  SELECT item_id AS "itemId", event_id::text AS "eventId",
    kind, uid, ${TIME('original_start')} AS "originalStart", series_id AS "seriesId", subject,
    ${TIME('start_at')} AS "start", ${TIME('end_at')} AS "end", all_day AS "allDay",
    ${DATE('start_date')} AS "startDate", ${DATE('end_date')} AS "endDate", time_zone AS "timeZone", location, preview,
    organizer_address AS "organizerAddress", organizer_name AS "organizerName",
    is_organizer_copy AS "isOrganizerCopy", is_meeting AS "isMeeting",
    coalesce((SELECT jsonb_agg(${ATTENDEE}) FROM jsonb_array_elements(attendees) a), '[]') AS attendees,
    my_response AS "myResponse", free_busy AS "freeBusy", sensitivity, is_cancelled AS "isCancelled",
    to_jsonb(categories) AS categories, reminder_minutes AS "reminderMinutes"
  FROM calendar.event WHERE mailbox_id = $1 AND gone_at IS NULL`;

interface EventRow extends ShownEvent {
  readonly itemId: string;
  readonly eventId: string;
}

/** All mailboxes of the cache, by address. */
export async function cachedMailboxes(database: Queryable): Promise<CachedMailbox[]> {
  return (await database.query(MAILBOXES)).rows;
}

/** What the cache shows of a mailbox, and the event id of each ItemId. */
export async function cachedCalendar(
  database: Queryable,
  mailboxId: string,
): Promise<{ calendar: ShownCalendar; eventIds: ReadonlyMap<string, string> }> {
  const rows: EventRow[] = (await database.query(EVENTS, [mailboxId])).rows;
  const calendar = new Map<string, ShownEvent>();
  const eventIds = new Map<string, string>();
  for (const { itemId, eventId, ...event } of rows) {
    calendar.set(itemId, { ...event, attendees: [...event.attendees].sort() });
    eventIds.set(itemId, eventId);
  }
  return { calendar, eventIds };
}
