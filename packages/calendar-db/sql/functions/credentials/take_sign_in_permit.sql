-- Asks for a permit. While the password is doubtful there is one at a time: a trouble that passes is not met three times
-- at once. `wait_ms`: uses that nobody saw the end of may have been refusals, and take so long to be forgotten. `p_urgent`:
-- the worker has less than its share of permits, others are to yield.
CREATE OR REPLACE FUNCTION calendar.take_sign_in_permit(
  p_provider text, p_login text, p_fingerprint text, p_permit uuid, p_seconds double precision, p_urgent boolean,
  p_most_refusals integer,
  OUT granted boolean, OUT stopped boolean, OUT wait_ms double precision, OUT doubtful boolean, OUT at timestamptz
) LANGUAGE plpgsql AS $$
DECLARE
  v_credential calendar.credential := calendar.lock_credential(p_provider, p_login, p_fingerprint);
  v_spent integer := v_credential.failures + v_credential.unseen;
  v_given integer;
BEGIN
  SELECT count(*) INTO v_given FROM calendar.sign_in_permit
  WHERE provider = p_provider AND login = p_login AND fingerprint = p_fingerprint;
  at := clock_timestamp();
  stopped := v_credential.stopped_at IS NOT NULL;
  doubtful := calendar.is_doubtful(v_credential);
  granted := NOT stopped AND v_spent + v_given < p_most_refusals AND NOT (doubtful AND v_given > 0);
  wait_ms := CASE WHEN granted OR stopped OR v_given > 0 THEN 0
    ELSE greatest(1, extract(epoch FROM v_credential.unseen_at + calendar.unseen_for() - at) * 1000) END;
  IF granted THEN
    INSERT INTO calendar.sign_in_permit VALUES
      (p_permit, p_provider, p_login, p_fingerprint, at + make_interval(secs => p_seconds));
  END IF;
  UPDATE calendar.credential SET wanted_at = CASE WHEN granted THEN NULL ELSE at END
  WHERE provider = p_provider AND login = p_login AND fingerprint = p_fingerprint
    AND CASE WHEN granted THEN wanted_at IS NOT NULL ELSE p_urgent END;
END
$$;
