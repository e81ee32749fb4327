-- Gives a lease back without a result: the mailbox is due at once for whoever owns its group now.
UPDATE calendar.mailbox SET lease_owner = NULL, lease_until = NULL, next_sync_at = clock_timestamp()
WHERE mailbox_id = $1::bigint AND lease_owner = $2::uuid AND lease_token = $3::bigint
