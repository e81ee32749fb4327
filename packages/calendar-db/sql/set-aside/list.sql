-- $1 most. The events that are set aside, longest first, each with how many there are in all.
SELECT event_id AS "eventId", reason, failures, since, (count(*) OVER ())::integer AS total,
       coalesce(bool_or(retry_at <= statement_timestamp()) OVER (), false) AS "anyIsDue"
FROM calendar.set_aside_event
ORDER BY since, event_id LIMIT $1::integer
