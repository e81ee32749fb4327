-- $1 viewers, $2 from, $3 to, $4 may participants look
SELECT c.event_id AS id
FROM calendar.events_seen($1::text[], $2, $3, $4) c
GROUP BY c.event_id
ORDER BY min(c.start_at), c.event_id
