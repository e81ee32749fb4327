-- Who sees what: the only place that decides it. The gateway asks these functions at every delivery.
--
-- 1. A person whose mailbox is cached sees exactly the live copy in it.
-- 2. Anybody else, when all participants may look (`privacy.viewers: participants`), sees the copy that speaks for the
--    event (calendar.speaking_copy) if it names him, until the event is over (calendar.is_over).
--
-- Which copy each of many viewers sees of each of many events; no row where there is nothing to see.
-- Pairs are given as two arrays of the same length; viewers are canonical addresses.
CREATE OR REPLACE FUNCTION calendar.copies_seen(p_viewers text[], p_event_ids uuid[], p_participants boolean)
RETURNS TABLE (viewer text, event_id uuid, mailbox_id bigint, own boolean) LANGUAGE sql STABLE ROWS 1000 AS $$
  WITH pair AS (
    SELECT DISTINCT v.viewer, v.event_id FROM unnest(p_viewers, p_event_ids) AS v (viewer, event_id)
  ), cached AS MATERIALIZED (
    SELECT p.viewer, m.mailbox_id
    FROM (SELECT DISTINCT pair.viewer FROM pair) p
    JOIN calendar.mailbox m ON m.owner = p.viewer AND m.cached_at IS NOT NULL
  )
  SELECT p.viewer, e.event_id, min(e.mailbox_id), true
  FROM pair p
  JOIN cached c ON c.viewer = p.viewer
  JOIN calendar.event e ON e.event_id = p.event_id AND e.mailbox_id = c.mailbox_id
  WHERE e.gone_at IS NULL
  GROUP BY p.viewer, e.event_id
  UNION ALL
  SELECT p.viewer, a.event_id, a.mailbox_id, false
  FROM pair p
  CROSS JOIN LATERAL calendar.speaking_copy(p.event_id) a
  WHERE p_participants
    AND NOT EXISTS (SELECT FROM cached c WHERE c.viewer = p.viewer)
    AND p.viewer = ANY (a.audience)
    AND NOT calendar.is_over(p.event_id)
$$;
