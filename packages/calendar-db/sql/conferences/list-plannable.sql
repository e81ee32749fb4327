-- $1 after this event, $2 most. Everything that is not over, and conferences whose event has left the cache early.
-- Each side stops by itself, so that a page reads as much as it gives and not all that is to come.
SELECT event_id AS "eventId" FROM (
  (SELECT DISTINCT event_id FROM calendar.event
   WHERE end_at > statement_timestamp() AND event_id > $1::uuid
   ORDER BY event_id LIMIT $2::integer)
  UNION
  (SELECT event_id FROM calendar.conference
   WHERE ends_at > statement_timestamp() AND wanted <> 'none' AND event_id > $1::uuid
   ORDER BY event_id LIMIT $2::integer)
) future
ORDER BY event_id LIMIT $2::integer
