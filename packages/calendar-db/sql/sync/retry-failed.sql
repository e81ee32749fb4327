-- The way to some mailboxes ($1, $2: pairs of provider and address) has changed: those that failed are tried again now.
-- Not those that their server asked to be left alone.
WITH failed AS (
  SELECT mailbox_id FROM calendar.mailbox
  WHERE (provider, address) IN (SELECT * FROM unnest($1::text[], $2::text[]))
    AND error_code IS NOT NULL AND coalesce(held_until <= clock_timestamp(), true) AND next_sync_at > clock_timestamp()
  ORDER BY mailbox_id FOR NO KEY UPDATE
)
UPDATE calendar.mailbox m SET next_sync_at = clock_timestamp() FROM failed WHERE m.mailbox_id = failed.mailbox_id
