-- breaking: true
-- What there is one of: the identity of this database's history, its salt, and how far the change log was pruned.

CREATE TABLE calendar.meta (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  -- Renewed by `calendar.renew_epoch()` when the log is known to have gone back (a restored backup).
  history_id uuid NOT NULL DEFAULT gen_random_uuid(),
  -- Makes conference ids repeatable for us and unguessable for others.
  salt bytea NOT NULL DEFAULT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()),
  pruned_seq bigint NOT NULL DEFAULT 0,
  -- Workers built for an older schema than this one leave (exit code 57).
  breaking_version integer NOT NULL DEFAULT 1
);
INSERT INTO calendar.meta DEFAULT VALUES;

-- Names the history that positions belong to. Another cluster, a promoted standby, a copied database or a renewed
-- history give another epoch, so that a position is never continued on a log that it was not issued by.
CREATE FUNCTION calendar.epoch() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT left(encode(sha256(convert_to(concat_ws(':', m.history_id, s.system_identifier, t.timeline, d.oid), 'UTF8')), 'hex'), 16)
  FROM calendar.meta m, pg_control_system() s, pg_database d,
    -- The control file tells of a new timeline only with the first checkpoint after a promotion, WAL names at once.
    LATERAL (SELECT CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END) t (timeline)
  WHERE d.datname = current_database()
$$;

CREATE FUNCTION calendar.renew_epoch() RETURNS text LANGUAGE sql AS $$
  UPDATE calendar.meta SET history_id = gen_random_uuid();
  SELECT calendar.epoch();
$$;

-- The one lock of everybody who writes to the change log: taken before any row lock of `event` and `conference`, held
-- until commit. It makes the order of `change.seq` the order of commits, so `seq > last` never misses a late one.
-- Whoever holds it may not stand still (others wait) and must commit durably (a position that was told and then lost in
-- a crash would be issued again), whatever his session was set to.
CREATE FUNCTION calendar.lock_changes() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  patience interval := current_setting('idle_in_transaction_session_timeout');
BEGIN
  IF patience = '0' OR patience > '2s' THEN
    PERFORM set_config('idle_in_transaction_session_timeout', '2s', true);
  END IF;
  IF current_setting('synchronous_commit') = 'off' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('calendar.change', 0));
END
$$;

-- For BEFORE STATEMENT triggers. The statement's own snapshot is older than the lock: what it decides from other rows
-- may be outdated, so functions that must see the newest state take the lock in a statement of its own first.
CREATE FUNCTION calendar.lock_changes_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM calendar.lock_changes();
  RETURN NULL;
END
$$;
