-- What some viewers see between two instants (`p_from` inclusive, `p_to` exclusive), in any order. A viewer without a
-- cached mailbox is served through the audience index: a copy that names a viewer is seen iff it speaks for the event.
CREATE OR REPLACE FUNCTION calendar.events_seen(p_viewers text[], p_from timestamptz, p_to timestamptz, p_participants boolean)
RETURNS TABLE (viewer text, event_id uuid, mailbox_id bigint, own boolean, start_at timestamptz)
LANGUAGE sql STABLE ROWS 500 AS $$
  (
    SELECT DISTINCT ON (m.owner, e.event_id) m.owner, e.event_id, e.mailbox_id, true, e.start_at
    FROM calendar.mailbox m
    JOIN calendar.event e USING (mailbox_id)
    WHERE m.owner = ANY (p_viewers) AND m.cached_at IS NOT NULL AND e.gone_at IS NULL
      AND e.start_at < p_to AND (e.end_at > p_from OR e.start_at >= p_from)
    ORDER BY m.owner, e.event_id, e.mailbox_id
  )
  UNION ALL
  SELECT v.viewer, e.event_id, e.mailbox_id, false, t.start_at
  FROM (SELECT DISTINCT unnest(p_viewers)) AS v (viewer)
  JOIN calendar.event_audience a ON a.audience @> ARRAY[v.viewer]
  JOIN calendar.event e USING (event_id, audience_key)
  LEFT JOIN LATERAL calendar.as_invited(CASE WHEN NOT e.is_organizer_copy THEN e.invited END) i ON true
  CROSS JOIN LATERAL (SELECT coalesce(i.start_at, e.start_at) AS start_at, coalesce(i.end_at, e.end_at) AS end_at) t
  WHERE p_participants
    AND NOT calendar.is_cached(v.viewer)
    AND e.speaks
    AND t.start_at < p_to AND (t.end_at > p_from OR t.start_at >= p_from)
    AND NOT calendar.is_over(e.event_id)
$$;
