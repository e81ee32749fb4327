-- An administrator agrees to the loss of suspect mailboxes ($1: address, null for all): each is read at once, and that view is believed.
UPDATE calendar.mailbox SET suspect_confirmed = true, wanted_at = least(wanted_at, clock_timestamp())
WHERE suspect_since IS NOT NULL AND ($1::text IS NULL OR address = $1::text)
RETURNING address
