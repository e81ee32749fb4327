-- How many items of a mailbox ($1, leased by $2 under token $3) could not be read: $4.
UPDATE calendar.mailbox SET unread_items = $4::integer
WHERE mailbox_id = $1::bigint AND lease_owner = $2::uuid AND lease_token = $3::bigint AND unread_items <> $4::integer
