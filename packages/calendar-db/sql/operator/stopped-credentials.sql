-- Accounts that nobody uses any more, but for those whose password was changed since and is right now.
SELECT provider, login, failures, stopped_at AS "stoppedAt" FROM calendar.credential c
WHERE stopped_at IS NOT NULL AND NOT EXISTS (
  SELECT FROM calendar.credential other
  WHERE (other.provider, other.login) = (c.provider, c.login) AND other.accepted_at > c.stopped_at
)
ORDER BY provider, login, stopped_at
