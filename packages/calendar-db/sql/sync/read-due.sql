-- Mailboxes of the groups $1 that are due or will be within $4 seconds, and those of other groups that have been due for
-- $5 seconds: their groups' owner does not list them, or hangs. Of the providers $2 alone; nobody's are left out. First those
-- that something is known to have happened in, then by their polls; $3 at most of either. Each second and after each sync
-- somebody asks: both parts walk an index and end early, however many mailboxes there are.
WITH wanted AS (
  SELECT 1 AS part, wanted_at AS at, mailbox_id, provider, address, calendar.sync_due_at(m) AS due_at FROM calendar.mailbox m
  WHERE wanted_at <= now() + make_interval(secs => $4::double precision) AND error_code IS NULL
    AND (sync_group = ANY ($1::text[]) OR wanted_at <= now() - make_interval(secs => $5::double precision))
    AND provider = ANY ($2::text[]) AND delisted_at IS NULL
    AND calendar.sync_due_at(m) <= now() + make_interval(secs => $4::double precision)
  ORDER BY wanted_at LIMIT $3::integer
), polled AS (
  SELECT 2 AS part, next_sync_at AS at, mailbox_id, provider, address, calendar.sync_due_at(m) AS due_at FROM calendar.mailbox m
  WHERE next_sync_at <= now() + make_interval(secs => $4::double precision)
    AND (sync_group = ANY ($1::text[]) OR next_sync_at <= now() - make_interval(secs => $5::double precision))
    AND provider = ANY ($2::text[]) AND delisted_at IS NULL
    AND calendar.sync_due_at(m) <= now() + make_interval(secs => $4::double precision)
  ORDER BY next_sync_at LIMIT $3::integer
)
SELECT mailbox_id::double precision AS "mailboxId", provider, address,
       extract(epoch FROM due_at - clock_timestamp())::double precision AS "inSeconds"
FROM (SELECT * FROM wanted UNION ALL SELECT * FROM polled) due
ORDER BY part, at
