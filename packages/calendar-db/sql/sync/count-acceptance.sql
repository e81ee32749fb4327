-- A success ends a row of refusals.
UPDATE calendar.credential SET failures = 0, stopped_at = NULL, last_error = NULL, updated_at = clock_timestamp()
WHERE provider = $1::text AND login = $2::text AND fingerprint = $3::text AND failures > 0
