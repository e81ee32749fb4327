-- What a poll that finds nothing writes in the end: the lease is given back, the next poll is in a minute.
UPDATE calendar.mailbox
SET synced_at = clock_timestamp(), next_sync_at = clock_timestamp() + interval '1 minute', lease_owner = NULL,
    lease_until = NULL, lease_token = lease_token + 1
WHERE mailbox_id BETWEEN $1::bigint AND $2::bigint
