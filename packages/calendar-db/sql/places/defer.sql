-- The mailboxes $2 of the provider $1 are asked about after $3 seconds.
UPDATE calendar.mailbox SET place_due_at = clock_timestamp() + make_interval(secs => $3::double precision)
WHERE provider = $1::text AND address = ANY ($2::text[])
