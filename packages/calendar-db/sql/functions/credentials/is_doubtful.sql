-- Never accepted, or refused since. A use of any other one whose outcome nobody saw is not held against it: else a server
-- that hangs would use up all permits.
CREATE OR REPLACE FUNCTION calendar.is_doubtful(p_credential calendar.credential) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT p_credential.accepted_at IS NULL OR p_credential.failures + p_credential.unseen > 0
$$;
