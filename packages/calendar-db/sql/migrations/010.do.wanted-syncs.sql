-- breaking: false
-- Something is known to have happened in a mailbox: its sync is due at this moment, whatever its poll says. A claim takes
-- the mark away; one that comes while the sync runs stays, so that exactly one more sync follows.
ALTER TABLE calendar.mailbox ADD COLUMN wanted_at timestamptz;
CREATE INDEX mailbox_wanted ON calendar.mailbox (wanted_at) WHERE wanted_at IS NOT NULL;

-- When a mailbox is due. The back-off of one that failed is never cut short.
CREATE FUNCTION calendar.sync_due_at(p_next_sync_at timestamptz, p_wanted_at timestamptz, p_last_error text)
RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN p_last_error IS NULL THEN least(p_next_sync_at, p_wanted_at) ELSE p_next_sync_at END
$$;
