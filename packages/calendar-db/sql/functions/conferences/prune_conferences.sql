-- Forgets conferences that ended long ago, with their part of the log.
CREATE OR REPLACE FUNCTION calendar.prune_conferences(p_keep interval, p_most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  removed integer;
BEGIN
  DELETE FROM calendar.conference_log WHERE at < clock_timestamp() - p_keep;
  IF NOT EXISTS (SELECT FROM calendar.conference WHERE ends_at < clock_timestamp() - p_keep) THEN RETURN 0; END IF;
  PERFORM calendar.lock_changes();
  DELETE FROM calendar.conference WHERE event_id IN (
    SELECT event_id FROM calendar.conference WHERE ends_at < clock_timestamp() - p_keep ORDER BY ends_at LIMIT p_most);
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END
$$;
