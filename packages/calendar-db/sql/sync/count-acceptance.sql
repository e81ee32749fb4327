-- A success of a use that began at $4, by this clock, ends a row of refusals that came before, and whatever nobody saw the
-- end of. Passwords that nobody has used for a month are forgotten on the way.
WITH forgotten AS (
  DELETE FROM calendar.credential
  WHERE provider = $1::text AND login = $2::text AND fingerprint <> $3::text
    AND updated_at < clock_timestamp() - interval '30 days'
)
UPDATE calendar.credential SET
  accepted_at = greatest(accepted_at, $4::timestamptz),
  failures = CASE WHEN refused_at > $4::timestamptz THEN failures ELSE 0 END,
  stopped_at = CASE WHEN refused_at > $4::timestamptz THEN stopped_at END,
  last_error = CASE WHEN refused_at > $4::timestamptz THEN last_error END,
  unseen = CASE WHEN unseen_at > $4::timestamptz THEN unseen ELSE 0 END,
  updated_at = clock_timestamp()
WHERE provider = $1::text AND login = $2::text AND fingerprint = $3::text
