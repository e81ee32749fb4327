-- $1 how many rows of the change log, each of a copy that there is and for the people whom it names.
INSERT INTO calendar.change (kind, event_id, mailbox_id, audience)
SELECT 'event', event_id, mailbox_id, audience FROM calendar.event LIMIT $1::integer
