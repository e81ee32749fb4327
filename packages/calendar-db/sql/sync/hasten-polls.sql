-- Mailboxes of the groups $1 that nobody listens to (all but $2) are polled within $3 seconds, spread over them. Those that
-- failed keep their back-off.
WITH late AS (
  SELECT mailbox_id FROM calendar.mailbox
  WHERE sync_group = ANY ($1::text[]) AND address <> ALL ($2::text[]) AND error_code IS NULL
    AND next_sync_at > statement_timestamp() + make_interval(secs => $3::double precision)
  ORDER BY mailbox_id FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE calendar.mailbox m
SET next_sync_at = clock_timestamp() + make_interval(secs => random() * $3::double precision)
FROM late WHERE m.mailbox_id = late.mailbox_id
