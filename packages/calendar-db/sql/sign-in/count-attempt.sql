-- $1 subjects, $2 seconds that a new window lasts. Counted before the password is tried, so that attempts made at the same
-- time cannot exceed the limit together; in one order, so that gateways do not wait for each other in a circle.
INSERT INTO calendar.auth_failure AS known (subject, failures, window_ends_at)
SELECT subject, 1, clock_timestamp() + make_interval(secs => $2::double precision)
FROM unnest($1::text[]) AS subject ORDER BY subject
ON CONFLICT (subject) DO UPDATE SET
  failures = CASE WHEN known.window_ends_at <= clock_timestamp() THEN 1 ELSE least(known.failures, 1000000) + 1 END,
  window_ends_at = CASE WHEN known.window_ends_at <= clock_timestamp() THEN excluded.window_ends_at ELSE known.window_ends_at END
RETURNING subject, failures, extract(epoch FROM window_ends_at - clock_timestamp())::double precision AS "secondsLeft"
