-- When a mailbox is due. The back-off of one that failed is never cut short.
CREATE OR REPLACE FUNCTION calendar.sync_due_at(p_next_sync_at timestamptz, p_wanted_at timestamptz, p_last_error text)
RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN p_last_error IS NULL THEN least(p_next_sync_at, p_wanted_at) ELSE p_next_sync_at END
$$;
