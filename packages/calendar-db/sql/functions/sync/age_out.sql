-- Removes what ended before a mailbox's window, tombstones included, at most `p_most` at a time. Nobody is told:
-- it is old news.
CREATE OR REPLACE FUNCTION calendar.age_out(p_mailbox_id bigint, p_before timestamptz, p_most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  removed integer;
BEGIN
  IF NOT EXISTS (SELECT FROM calendar.event WHERE mailbox_id = p_mailbox_id AND end_at < p_before) THEN RETURN 0; END IF;
  PERFORM calendar.lock_changes();
  PERFORM set_config('calendar.aging_before', p_before::text, true);
  WITH old AS (
    SELECT event_id FROM calendar.event WHERE mailbox_id = p_mailbox_id AND end_at < p_before ORDER BY end_at LIMIT p_most
  )
  DELETE FROM calendar.event e USING old WHERE e.mailbox_id = p_mailbox_id AND e.event_id = old.event_id;
  GET DIAGNOSTICS removed = ROW_COUNT;
  PERFORM set_config('calendar.aging_before', '', true);
  RETURN removed;
END
$$;
