-- What viewers see between two instants after a start and event id (null: from the first on), at most so many but with
-- all that tie with the last, so that a page never parts the viewers of one event. In any order.
CREATE OR REPLACE FUNCTION calendar.view_range(
  p_viewers text[], p_from timestamptz, p_to timestamptz, p_participants boolean,
  p_after_start timestamptz, p_after_id uuid, p_most integer
) RETURNS SETOF calendar.shown_copy LANGUAGE plpgsql STABLE ROWS 500 SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  RETURN QUERY
  SELECT s.* FROM (
    SELECT array_agg(page.viewer) AS viewers, array_agg(page.event_id) AS event_ids,
           array_agg(page.mailbox_id) AS mailbox_ids, array_agg(page.own) AS own
    FROM (
      SELECT * FROM calendar.events_seen(p_viewers, p_from, p_to, p_participants) c
      WHERE p_after_start IS NULL OR (c.start_at, c.event_id) > (p_after_start, p_after_id)
      ORDER BY c.start_at, c.event_id
      FETCH FIRST p_most ROWS WITH TIES
    ) page
  ) seen, calendar.show_copies(seen.viewers, seen.event_ids, seen.mailbox_ids, seen.own) s;
END
$$;
