-- What viewers see of events, given as pairs. Planned once per session: planning takes longer than reading a few.
CREATE OR REPLACE FUNCTION calendar.view_events(p_viewers text[], p_event_ids uuid[], p_participants boolean)
RETURNS SETOF calendar.shown_copy LANGUAGE plpgsql STABLE ROWS 1000 SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN QUERY
  SELECT s.* FROM (
    SELECT array_agg(c.viewer) AS viewers, array_agg(c.event_id) AS event_ids,
           array_agg(c.mailbox_id) AS mailbox_ids, array_agg(c.own) AS own
    FROM calendar.copies_seen(p_viewers, p_event_ids, p_participants) c
  ) seen, calendar.show_copies(seen.viewers, seen.event_ids, seen.mailbox_ids, seen.own) s;
END
$$;
