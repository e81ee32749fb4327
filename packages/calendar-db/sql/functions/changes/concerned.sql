-- The people who may see an event through any of its copies, as canonical addresses in order.
CREATE OR REPLACE FUNCTION calendar.concerned(p_event_id uuid) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(DISTINCT address ORDER BY address), '{}')
  FROM calendar.event_audience list, unnest(list.audience) AS a (address)
  WHERE list.event_id = p_event_id
$$;
