-- $1 worker, $2 mailboxes, $3 their tokens, $4 lease in seconds. Returns the leases that still were ours. Whoever
-- writes to several mailboxes locks them in the order of ids, so that two do not wait for each other.
WITH ours AS (
  SELECT m.mailbox_id
  FROM calendar.mailbox m JOIN unnest($2::bigint[], $3::bigint[]) AS held (mailbox_id, token) USING (mailbox_id)
  WHERE m.lease_owner = $1::uuid AND m.lease_token = held.token AND m.lease_until > clock_timestamp()
  ORDER BY m.mailbox_id FOR NO KEY UPDATE OF m
)
UPDATE calendar.mailbox m
SET lease_until = clock_timestamp() + make_interval(secs => $4::double precision)
FROM ours WHERE m.mailbox_id = ours.mailbox_id
RETURNING m.mailbox_id::double precision AS "mailboxId", m.lease_token::double precision AS "leaseToken"
