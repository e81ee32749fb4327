-- breaking: true
-- A password is part of what is counted: workers with different wrong ones leave each other's count alone. The directory
-- locks an account after a few refusals, so all workers together never have more uses of a password under way than may
-- still be refused: each use needs one of three permits, and a refusal takes its permit away.
ALTER TABLE calendar.credential DROP CONSTRAINT credential_pkey;
ALTER TABLE calendar.credential ADD PRIMARY KEY (provider, login, fingerprint);
ALTER TABLE calendar.credential
  ADD COLUMN refused_at timestamptz,
  -- The password was right for a use that began then.
  ADD COLUMN accepted_at timestamptz,
  -- Uses whose outcome nobody saw: they may have been refusals. Forgotten half an hour after the last of them.
  ADD COLUMN unseen integer NOT NULL DEFAULT 0,
  ADD COLUMN unseen_at timestamptz,
  -- Somebody last found no permit.
  ADD COLUMN wanted_at timestamptz;

CREATE TABLE calendar.sign_in_permit (
  permit uuid PRIMARY KEY,
  provider text NOT NULL,
  login text NOT NULL,
  fingerprint text NOT NULL,
  -- A worker that does not renew it until then has died.
  until timestamptz NOT NULL,
  FOREIGN KEY (provider, login, fingerprint) REFERENCES calendar.credential ON DELETE CASCADE
);
CREATE INDEX sign_in_permit_by_credential ON calendar.sign_in_permit (provider, login, fingerprint);

-- How many refusals in a row stop a password.
CREATE FUNCTION calendar.most_refusals() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT 3';

-- Never accepted, or refused since. A use of any other one whose outcome nobody saw is not held against it: else a server
-- that hangs would use up all permits.
CREATE FUNCTION calendar.is_doubtful(p_credential calendar.credential) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT p_credential.accepted_at IS NULL OR p_credential.failures + p_credential.unseen > 0
$$;

-- The row of a password, locked before any of its permits (the one order in which they are locked), with permits of the
-- dead taken back and what is too old forgotten.
CREATE FUNCTION calendar.lock_credential(p_provider text, p_login text, p_fingerprint text)
RETURNS calendar.credential LANGUAGE plpgsql AS $$
DECLARE
  v_credential calendar.credential;
  v_lost integer;
BEGIN
  INSERT INTO calendar.credential (provider, login, fingerprint) VALUES (p_provider, p_login, p_fingerprint)
  ON CONFLICT DO NOTHING;
  SELECT * INTO v_credential FROM calendar.credential
  WHERE provider = p_provider AND login = p_login AND fingerprint = p_fingerprint FOR UPDATE;
  IF v_credential.unseen_at <= clock_timestamp() - interval '30 minutes' THEN
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

-- Asks for a permit. While the password is doubtful there is one at a time: a trouble that passes is not met three times
-- at once. `wait_ms`: uses that nobody saw the end of may have been refusals, and take so long to be forgotten. `p_urgent`:
-- the worker has less than its share of permits, others are to yield.
CREATE FUNCTION calendar.take_sign_in_permit(
  p_provider text, p_login text, p_fingerprint text, p_permit uuid, p_seconds double precision, p_urgent boolean,
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
  granted := NOT stopped AND v_spent + v_given < calendar.most_refusals() AND NOT (doubtful AND v_given > 0);
  wait_ms := CASE WHEN granted OR stopped OR v_given > 0 THEN 0
    ELSE greatest(1, extract(epoch FROM v_credential.unseen_at + interval '30 minutes' - at) * 1000) END;
  IF granted THEN
    INSERT INTO calendar.sign_in_permit VALUES
      (p_permit, p_provider, p_login, p_fingerprint, at + make_interval(secs => p_seconds));
  END IF;
  UPDATE calendar.credential SET wanted_at = CASE WHEN granted THEN NULL ELSE at END
  WHERE provider = p_provider AND login = p_login AND fingerprint = p_fingerprint
    AND CASE WHEN granted THEN wanted_at IS NOT NULL ELSE p_urgent END;
END
$$;

-- Keeps permits, those that were not given up meanwhile, and tells how the password stands. `wanted`: somebody has been
-- looking for one of late, and the asking worker, which says whether it can yield one, is to do so.
CREATE FUNCTION calendar.renew_sign_in_permits(
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

-- Counts a refusal; its permit, if it had one, is spent. The third in a row stops the password for all.
CREATE FUNCTION calendar.count_refusal(
  p_provider text, p_login text, p_fingerprint text, p_permit uuid, p_error text, OUT failures integer, OUT stopped boolean
) LANGUAGE plpgsql AS $$
BEGIN
  PERFORM calendar.lock_credential(p_provider, p_login, p_fingerprint);
  DELETE FROM calendar.sign_in_permit WHERE permit = p_permit;
  UPDATE calendar.credential c SET
    failures = c.failures + 1, refused_at = clock_timestamp(), last_error = p_error, updated_at = clock_timestamp(),
    stopped_at = CASE WHEN c.failures + 1 >= calendar.most_refusals() THEN coalesce(c.stopped_at, clock_timestamp()) END
  WHERE c.provider = p_provider AND c.login = p_login AND c.fingerprint = p_fingerprint
  RETURNING c.failures, c.stopped_at IS NOT NULL INTO count_refusal.failures, count_refusal.stopped;
END
$$;

-- Gives permits back. `p_unseen`: nobody saw what became of their uses.
CREATE FUNCTION calendar.give_back_sign_in_permits(
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
