-- Keeps permits, those that were not given up meanwhile, and tells how the password stands. `wanted`: somebody has been
-- looking for one of late, and the asking worker, which says whether it can yield one, is to do so.
CREATE OR REPLACE FUNCTION calendar.renew_sign_in_permits(
  p_provider text, p_login text, p_fingerprint text, p_permits uuid[], p_seconds double precision, p_yields boolean,
  OUT kept text[], OUT stopped boolean, OUT doubtful boolean, OUT wanted boolean, OUT at timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
  v_credential calendar.credential := calendar.lock_credential(p_provider, p_login, p_fingerprint);
BEGIN
  WITH renewed AS (
    UPDATE calendar.sign_in_permit SET until = clock_timestamp() + make_interval(secs => p_seconds)
    WHERE permit = ANY (p_permits) RETURNING permit
  )
  SELECT coalesce(array_agg(permit::text), '{}') INTO kept FROM renewed;
  stopped := v_credential.stopped_at IS NOT NULL;
  doubtful := calendar.is_doubtful(v_credential);
  wanted := p_yields AND coalesce(v_credential.wanted_at > clock_timestamp() - interval '2 seconds', false);
  at := clock_timestamp();
  UPDATE calendar.credential SET wanted_at = NULL
  WHERE wanted AND provider = p_provider AND login = p_login AND fingerprint = p_fingerprint;
END
$$;
