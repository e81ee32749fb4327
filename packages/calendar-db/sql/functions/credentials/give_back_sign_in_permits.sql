-- Gives permits back. `p_unseen`: nobody saw what became of their uses.
CREATE OR REPLACE FUNCTION calendar.give_back_sign_in_permits(
  p_provider text, p_login text, p_fingerprint text, p_permits uuid[], p_unseen boolean
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  v_credential calendar.credential := calendar.lock_credential(p_provider, p_login, p_fingerprint);
  v_given integer;
BEGIN
  DELETE FROM calendar.sign_in_permit WHERE permit = ANY (p_permits);
  GET DIAGNOSTICS v_given = ROW_COUNT;
  UPDATE calendar.credential SET unseen = unseen + v_given, unseen_at = clock_timestamp()
  WHERE provider = p_provider AND login = p_login AND fingerprint = p_fingerprint
    AND p_unseen AND v_given > 0 AND calendar.is_doubtful(v_credential);
END
$$;
