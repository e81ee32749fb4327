-- For BEFORE STATEMENT triggers. The statement's own snapshot is older than the lock: what it decides from other rows
-- may be outdated, so functions that must see the newest state take the lock in a statement of its own first.
CREATE OR REPLACE FUNCTION calendar.lock_changes_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM calendar.lock_changes();
  RETURN NULL;
END
$$;
