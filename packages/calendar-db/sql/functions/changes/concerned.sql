-- Of one event, for what is no copy of it.
CREATE OR REPLACE FUNCTION calendar.concerned(p_event_id uuid, p_mailbox_id bigint, p_organizer_copy boolean, p_audience text[])
RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(DISTINCT address ORDER BY address), '{}')
  FROM calendar.event e, unnest(e.audience) AS a (address) WHERE e.event_id = p_event_id
$$;
