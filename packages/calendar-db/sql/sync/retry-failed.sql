-- The way to some mailboxes ($1, $2: pairs of provider and address) has changed: those that failed are tried again now.
-- Not those that their server asked to be left alone.
UPDATE calendar.mailbox SET next_sync_at = clock_timestamp()
WHERE (provider, address) IN (SELECT * FROM unnest($1::text[], $2::text[]))
  AND last_error IS NOT NULL AND coalesce(held_until <= clock_timestamp(), true) AND next_sync_at > clock_timestamp()
