-- Seconds until the next mailbox of some groups is due (negative when overdue), or null when there is none.
SELECT extract(epoch FROM min(greatest(next_sync_at, lease_until)) - clock_timestamp())::double precision AS seconds
FROM calendar.mailbox
WHERE sync_group = ANY ($1::text[]) AND address = ANY ($2::text[])
