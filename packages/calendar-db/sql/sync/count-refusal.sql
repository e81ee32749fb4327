-- One more 401 for an account ($3: fingerprint of its password; another one starts afresh); the third stops it for all.
INSERT INTO calendar.credential AS held (provider, login, fingerprint, failures, last_error)
VALUES ($1::text, $2::text, $3::text, 1, $4::text)
ON CONFLICT (provider, login) DO UPDATE SET
  failures = CASE WHEN held.fingerprint = excluded.fingerprint THEN held.failures + 1 ELSE 1 END,
  stopped_at = CASE WHEN held.fingerprint = excluded.fingerprint AND held.failures + 1 >= 3
                    THEN coalesce(held.stopped_at, clock_timestamp()) END,
  fingerprint = excluded.fingerprint, last_error = excluded.last_error, updated_at = clock_timestamp()
RETURNING failures, stopped_at IS NOT NULL AS stopped
