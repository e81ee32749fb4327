-- Why no attempt is granted: stopped, or, when neither that nor `waitMs`, another one is under way. `waitMs`: three failed,
-- some of them unseen, and until those are forgotten.
SELECT
  stopped_at IS NOT NULL AS stopped,
  CASE WHEN stopped_at IS NULL AND (attempt IS NULL OR attempt_until <= clock_timestamp())
            AND failures
                + CASE WHEN unseen_at > clock_timestamp() - interval '30 minutes' THEN unseen ELSE 0 END
                + CASE WHEN attempt_until > clock_timestamp() - interval '30 minutes' THEN 1 ELSE 0 END >= 3
       THEN greatest(1, extract(epoch FROM greatest(unseen_at, attempt_until) + interval '30 minutes' - clock_timestamp()) * 1000)
       ELSE 0 END::float8 AS "waitMs"
FROM calendar.credential
WHERE provider = $1::text AND login = $2::text AND fingerprint = $3::text
