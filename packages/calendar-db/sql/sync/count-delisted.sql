-- How many mailboxes are marked for removal.
SELECT count(*)::integer AS delisted FROM calendar.mailbox WHERE delisted_at IS NOT NULL
