-- Forgets conferences that ended long ago, and lines of their log as old, at most `p_most` of either, oldest first. Returns how
-- many conferences and lines went: fewer than `p_most` of both are no sign of more.
CREATE OR REPLACE FUNCTION calendar.prune_conferences(
  p_keep interval, p_most integer, OUT conferences integer, OUT lines integer
) LANGUAGE plpgsql AS $$
DECLARE
  before CONSTANT timestamptz := statement_timestamp() - p_keep;
BEGIN
  conferences := 0;
  -- As arrays, by which rows are found through an index, however many the planner of queries expects.
  DELETE FROM calendar.conference_log WHERE log_id = ANY (ARRAY(
    SELECT log_id FROM calendar.conference_log WHERE at < before ORDER BY at LIMIT p_most));
  GET DIAGNOSTICS lines = ROW_COUNT;
  IF coalesce((SELECT min(ends_at) FROM calendar.conference) >= before, true) THEN RETURN; END IF;
  PERFORM calendar.lock_changes();
  DELETE FROM calendar.conference WHERE event_id = ANY (ARRAY(
    SELECT event_id FROM calendar.conference WHERE ends_at < before ORDER BY ends_at LIMIT p_most));
  GET DIAGNOSTICS conferences = ROW_COUNT;
END
$$;
