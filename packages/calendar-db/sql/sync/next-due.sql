-- Seconds until the next listed mailbox ($2, $3: pairs of provider and address) of some groups ($1) is due, negative
-- when it is overdue; null when there is none.
SELECT extract(epoch FROM min(greatest(calendar.sync_due_at(next_sync_at, wanted_at, last_error), lease_until, held_until)) - clock_timestamp())::double precision AS seconds
FROM calendar.mailbox
WHERE sync_group = ANY ($1::text[]) AND (provider, address) IN (SELECT * FROM unnest($2::text[], $3::text[]))
