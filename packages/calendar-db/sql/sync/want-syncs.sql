-- Something happened in the mailboxes $1: they are due in $2 seconds, or when an earlier mark says. Their rows are locked
-- in the order of ids, so that two who mark do not wait for each other.
WITH meant AS (
  SELECT mailbox_id FROM calendar.mailbox WHERE address = ANY ($1::text[]) ORDER BY mailbox_id FOR NO KEY UPDATE
)
UPDATE calendar.mailbox m
SET wanted_at = least(m.wanted_at, clock_timestamp() + make_interval(secs => $2::double precision))
FROM meant WHERE m.mailbox_id = meant.mailbox_id
