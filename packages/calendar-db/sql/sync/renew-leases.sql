-- $1 worker, $2 mailboxes, $3 their tokens, $4 lease in seconds. Returns the mailboxes whose lease still was ours.
UPDATE calendar.mailbox m
SET lease_until = clock_timestamp() + make_interval(secs => $4::double precision)
FROM unnest($2::bigint[], $3::bigint[]) AS held (mailbox_id, token)
WHERE m.mailbox_id = held.mailbox_id AND m.lease_owner = $1::uuid AND m.lease_token = held.token
  AND m.lease_until > clock_timestamp()
RETURNING m.mailbox_id::double precision AS "mailboxId"
