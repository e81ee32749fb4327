-- $1 addresses, $2 after this event, $3 most. Events to come that name one of these people.
SELECT DISTINCT event_id AS "eventId"
FROM calendar.event
WHERE audience && $1::text[] AND end_at > statement_timestamp() AND event_id > $2::uuid
ORDER BY event_id LIMIT $3::integer
