-- The one lock of everybody who writes to the change log: taken before any row lock of `event` and `conference`, held
-- until commit. It makes the order of `change.seq` the order of commits, so `seq > last` never misses a late one.
-- Whoever holds it may not stand still (others wait) and must commit durably (a position that was told and then lost in
-- a crash would be issued again), whatever his session was set to.
CREATE OR REPLACE FUNCTION calendar.lock_changes() RETURNS void LANGUAGE plpgsql AS $$
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
