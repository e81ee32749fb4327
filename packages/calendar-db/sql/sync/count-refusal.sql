-- One more 401 for an account with one password ($3: its fingerprint); the third in a row stops it for all. Ends the attempt
-- $5, if it was one.
INSERT INTO calendar.credential AS held (provider, login, fingerprint, failures, last_error)
VALUES ($1::text, $2::text, $3::text, 1, $4::text)
ON CONFLICT (provider, login, fingerprint) DO UPDATE SET
  failures = held.failures + 1,
  stopped_at = CASE WHEN held.failures + 1 >= 3 THEN coalesce(held.stopped_at, clock_timestamp()) END,
  attempt = CASE WHEN held.attempt = $5::uuid THEN NULL ELSE held.attempt END,
  attempt_until = CASE WHEN held.attempt = $5::uuid THEN NULL ELSE held.attempt_until END,
  last_error = excluded.last_error, updated_at = clock_timestamp()
RETURNING failures, stopped_at IS NOT NULL AS stopped
