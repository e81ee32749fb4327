-- $1, $2: the mailboxes between which one copy in ten changes its subject.
UPDATE calendar.event SET subject = 'Changed ' || clock_timestamp()
WHERE mailbox_id BETWEEN $1::bigint AND $2::bigint AND item_id LIKE '%3-_'
