-- Forgets lists of people (arrays of the same length) that no copy of their event has any more.
CREATE OR REPLACE FUNCTION calendar.drop_audiences(p_event_ids uuid[], p_keys bigint[]) RETURNS void LANGUAGE sql AS $$
  DELETE FROM calendar.event_audience a
  USING (SELECT DISTINCT event_id, audience_key FROM unnest(p_event_ids, p_keys) AS g (event_id, audience_key)) gone
  WHERE a.event_id = gone.event_id AND a.audience_key = gone.audience_key
    AND NOT EXISTS (SELECT FROM calendar.event e WHERE e.event_id = a.event_id AND e.audience_key = a.audience_key)
$$;
