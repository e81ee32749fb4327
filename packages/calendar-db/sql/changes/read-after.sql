SELECT seq::double precision AS seq, kind, event_id AS "eventId", mailbox_id::double precision AS "mailboxId", audience, at
FROM calendar.change
WHERE seq > $1::bigint
ORDER BY seq
LIMIT $2
