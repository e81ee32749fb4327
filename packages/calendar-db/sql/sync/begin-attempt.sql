-- Takes the turn to sign in ($4: the attempt, $5: seconds until it is given up) with a password that is not proven, unless
-- somebody else has it or three attempts failed. An attempt that was given up, and those that nobody saw the end of, count
-- for half an hour.
INSERT INTO calendar.credential AS held (provider, login, fingerprint, attempt, attempt_until)
VALUES ($1::text, $2::text, $3::text, $4::uuid, clock_timestamp() + make_interval(secs => $5::float8))
ON CONFLICT (provider, login, fingerprint) DO UPDATE SET
  unseen_at = CASE WHEN held.attempt_until > clock_timestamp() - interval '30 minutes' THEN held.attempt_until
                   ELSE held.unseen_at END,
  unseen = CASE WHEN held.unseen_at > clock_timestamp() - interval '30 minutes' THEN held.unseen ELSE 0 END
           + CASE WHEN held.attempt_until > clock_timestamp() - interval '30 minutes' THEN 1 ELSE 0 END,
  attempt = excluded.attempt, attempt_until = excluded.attempt_until, updated_at = clock_timestamp()
WHERE held.stopped_at IS NULL
  AND (held.attempt IS NULL OR held.attempt_until <= clock_timestamp())
  AND held.failures
      + CASE WHEN held.unseen_at > clock_timestamp() - interval '30 minutes' THEN held.unseen ELSE 0 END
      + CASE WHEN held.attempt_until > clock_timestamp() - interval '30 minutes' THEN 1 ELSE 0 END < 3
RETURNING attempt
