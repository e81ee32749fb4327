-- Accounts that were stopped ($1: login, null for all) may be tried again, three times: what stood in their way is gone.
UPDATE calendar.credential SET
  failures = 0, stopped_at = NULL, unseen = 0, accepted_at = NULL, last_error = NULL, updated_at = clock_timestamp()
WHERE stopped_at IS NOT NULL AND ($1::text IS NULL OR login = $1::text)
RETURNING provider, login
