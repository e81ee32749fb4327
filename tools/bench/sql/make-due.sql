-- $1 how many mailboxes become due.
UPDATE calendar.mailbox SET next_sync_at = now() - interval '1 second'
WHERE mailbox_id IN (SELECT mailbox_id FROM calendar.mailbox ORDER BY mailbox_id LIMIT $1::integer)
