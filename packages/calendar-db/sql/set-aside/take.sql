-- $1 seconds for which no other launcher takes it, unless it is hastened meanwhile. One event that is to be tried again.
UPDATE calendar.set_aside_event SET retry_at = clock_timestamp() + make_interval(secs => $1::double precision)
WHERE event_id = (
  SELECT event_id FROM calendar.set_aside_event WHERE retry_at <= statement_timestamp()
  ORDER BY retry_at LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING event_id AS "eventId", marks::double precision AS marks, failures
