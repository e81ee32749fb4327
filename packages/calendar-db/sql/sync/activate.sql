-- First contact with a mailbox, on Exchange's clock; later contacts change nothing.
UPDATE calendar.mailbox SET activated_at = coalesce(activated_at, $4::timestamptz, clock_timestamp())
WHERE mailbox_id = $1::bigint AND lease_owner = $2::uuid AND lease_token = $3::bigint
RETURNING activated_at AS "activatedAt"
