-- A success ends a row of refusals and whatever nobody saw the end of. Passwords that nobody has used for a month are
-- forgotten on the way.
WITH forgotten AS (
  DELETE FROM calendar.credential
  WHERE provider = $1::text AND login = $2::text AND fingerprint <> $3::text
    AND updated_at < clock_timestamp() - interval '30 days'
)
UPDATE calendar.credential SET
  failures = 0, stopped_at = NULL, last_error = NULL, unseen = 0, unseen_at = NULL, attempt = NULL, attempt_until = NULL,
  updated_at = clock_timestamp()
WHERE provider = $1::text AND login = $2::text AND fingerprint = $3::text
