-- The people who may see an event through any of its copies, as canonical addresses in order. Copies of one event nearly
-- always name the same people, so that each list is taken apart once.
CREATE OR REPLACE FUNCTION calendar.concerned(p_event_id uuid) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(DISTINCT address ORDER BY address), '{}')
  FROM (SELECT DISTINCT e.audience FROM calendar.event e WHERE e.event_id = p_event_id) list,
       unnest(list.audience) AS a (address)
$$;
