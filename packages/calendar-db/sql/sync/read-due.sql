-- Whether a mailbox of the groups $1 is due, and seconds until the next one is that is not yet; null when there is none.
-- Says nothing of who may take them: it is asked each second, and a list of thousands of addresses is not sent for that.
WITH dates AS (
  SELECT greatest(calendar.sync_due_at(next_sync_at, wanted_at, last_error), lease_until, held_until) AS due_at
  FROM calendar.mailbox WHERE sync_group = ANY ($1::text[]) AND delisted_at IS NULL
)
SELECT coalesce(bool_or(due_at <= clock_timestamp()), false) AS due,
       extract(epoch FROM min(due_at) FILTER (WHERE due_at > clock_timestamp()) - clock_timestamp())::double precision AS "nextSeconds"
FROM dates
