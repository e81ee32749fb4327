-- The mailboxes $2 of the provider $1 are asked about after $3 seconds.
WITH meant AS (
  SELECT mailbox_id FROM calendar.mailbox WHERE provider = $1::text AND address = ANY ($2::text[])
  ORDER BY mailbox_id FOR NO KEY UPDATE
)
UPDATE calendar.mailbox m SET place_due_at = clock_timestamp() + make_interval(secs => $3::double precision)
FROM meant WHERE m.mailbox_id = meant.mailbox_id
