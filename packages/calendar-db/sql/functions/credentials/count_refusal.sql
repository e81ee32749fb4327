-- Counts a refusal; its permit, if it had one, is spent. The third in a row stops the password for all.
CREATE OR REPLACE FUNCTION calendar.count_refusal(
  p_provider text, p_login text, p_fingerprint text, p_permit uuid, p_error text, p_most_refusals integer,
  OUT failures integer, OUT stopped boolean
) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM calendar.lock_credential(p_provider, p_login, p_fingerprint);
  DELETE FROM calendar.sign_in_permit WHERE permit = p_permit;
  UPDATE calendar.credential c SET
    failures = c.failures + 1, refused_at = clock_timestamp(), last_error = p_error, updated_at = clock_timestamp(),
    stopped_at = CASE WHEN c.failures + 1 >= p_most_refusals THEN coalesce(c.stopped_at, clock_timestamp()) END
  WHERE c.provider = p_provider AND c.login = p_login AND c.fingerprint = p_fingerprint
  RETURNING c.failures, c.stopped_at IS NOT NULL INTO count_refusal.failures, count_refusal.stopped;
END
$$;
