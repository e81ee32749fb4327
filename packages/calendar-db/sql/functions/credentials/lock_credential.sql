-- The row of a password, locked before any of its permits (the one order in which they are locked), with permits of the
-- dead taken back and what is too old forgotten.
CREATE OR REPLACE FUNCTION calendar.lock_credential(p_provider text, p_login text, p_fingerprint text)
RETURNS calendar.credential LANGUAGE plpgsql AS $$
DECLARE
  v_credential calendar.credential;
  v_lost integer;
BEGIN
  INSERT INTO calendar.credential (provider, login, fingerprint) VALUES (p_provider, p_login, p_fingerprint)
  ON CONFLICT DO NOTHING;
  SELECT * INTO v_credential FROM calendar.credential
  WHERE provider = p_provider AND login = p_login AND fingerprint = p_fingerprint FOR UPDATE;
  IF v_credential.unseen_at <= clock_timestamp() - calendar.unseen_for() THEN
    v_credential.unseen := 0;
    v_credential.unseen_at := NULL;
  END IF;
  DELETE FROM calendar.sign_in_permit
  WHERE provider = p_provider AND login = p_login AND fingerprint = p_fingerprint AND until <= clock_timestamp();
  GET DIAGNOSTICS v_lost = ROW_COUNT;
  IF v_lost > 0 AND calendar.is_doubtful(v_credential) THEN
    v_credential.unseen := v_credential.unseen + v_lost;
    v_credential.unseen_at := clock_timestamp();
  END IF;
  UPDATE calendar.credential SET unseen = v_credential.unseen, unseen_at = v_credential.unseen_at
  WHERE provider = p_provider AND login = p_login AND fingerprint = p_fingerprint
    AND (unseen, unseen_at) IS DISTINCT FROM (v_credential.unseen, v_credential.unseen_at);
  RETURN v_credential;
END
$$;
