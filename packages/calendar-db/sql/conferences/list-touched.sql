-- $1 addresses. All events to come that name one of these people, those that begin soonest first.
SELECT event_id AS "eventId"
FROM calendar.event_audience a JOIN calendar.event USING (event_id, audience_key)
WHERE a.audience && $1::text[] AND end_at > statement_timestamp()
GROUP BY event_id
ORDER BY min(start_at), event_id
