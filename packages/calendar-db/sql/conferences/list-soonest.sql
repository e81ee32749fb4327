-- $1 most. Events around whose start it is now, in order of their start: a full pass begins with them. Those that end
-- later than tomorrow are left to the other pages, so that this is a scan of few rows.
SELECT event_id AS "eventId" FROM (
  SELECT event_id, min(start_at) AS start_at
  FROM calendar.event
  WHERE end_at > statement_timestamp() AND end_at < statement_timestamp() + interval '1 day'
    AND start_at BETWEEN statement_timestamp() - interval '15 minutes' AND statement_timestamp() + interval '15 minutes'
  GROUP BY event_id
) soon
ORDER BY start_at, event_id LIMIT $1::integer
