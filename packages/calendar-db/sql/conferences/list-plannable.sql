-- $1 after this event, $2 most. Everything that is not over, and conferences whose event has left the cache early.
SELECT event_id AS "eventId" FROM (
  SELECT event_id FROM calendar.event WHERE end_at > clock_timestamp() AND event_id > $1::uuid
  UNION
  SELECT event_id FROM calendar.conference
  WHERE ends_at > clock_timestamp() AND wanted <> 'none' AND event_id > $1::uuid
) future
ORDER BY event_id LIMIT $2::integer
