-- Logs that the conferences of some events became different, in the order of their ids, and tells the newest position.
CREATE OR REPLACE FUNCTION calendar.log_conferences(p_event_ids uuid[]) RETURNS void LANGUAGE sql AS $$
  WITH logged AS (
    INSERT INTO calendar.change (kind, event_id, audience)
    SELECT 'conference', c.event_id, calendar.concerned(c.event_id)
    FROM unnest(p_event_ids) AS c (event_id) ORDER BY c.event_id
    RETURNING seq
  )
  SELECT pg_notify('calendar_change', max(seq)::text) FROM logged HAVING max(seq) IS NOT NULL
$$;
