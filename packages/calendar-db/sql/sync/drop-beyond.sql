-- $1 mailbox, $2 the end of its window, $3 and $4 the lease. Removes up to $5 occurrences, tombstones included, that begin
-- beyond the window: nobody keeps them up to date any longer, so they are gone and not merely old.
WITH far AS (
  SELECT event_id FROM calendar.event
  WHERE mailbox_id = $1::bigint AND start_at >= $2::timestamptz
    AND EXISTS (SELECT FROM calendar.mailbox
                WHERE mailbox_id = $1::bigint AND lease_owner = $3::uuid AND lease_token = $4::bigint
                  AND lease_until > clock_timestamp())
  ORDER BY start_at LIMIT $5::integer
), dropped AS (
  DELETE FROM calendar.event e USING far WHERE e.mailbox_id = $1::bigint AND e.event_id = far.event_id RETURNING 1
)
SELECT count(*)::integer AS removed FROM dropped
