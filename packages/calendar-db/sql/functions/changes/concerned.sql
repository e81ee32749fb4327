-- The people who may see an event through any of its copies, as canonical addresses in order. Copies of one event nearly
-- always name the same people, so that each list is read and taken apart once.
CREATE OR REPLACE FUNCTION calendar.concerned(p_event_id uuid) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(DISTINCT address ORDER BY address), '{}')
  FROM (SELECT DISTINCT ON (e.audience_key) e.audience FROM calendar.event e WHERE e.event_id = p_event_id) list,
       unnest(list.audience) AS a (address)
$$;
