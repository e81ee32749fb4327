-- The copy that speaks for an event, as calendar.choose_speakers chose it. No row for an event without copies. Written so that
-- Postgres puts it into a query that calls it in FROM; further columns of the copy are joined by its ids.
CREATE OR REPLACE FUNCTION calendar.speaking_copy(p_event_id uuid)
RETURNS TABLE (event_id uuid, mailbox_id bigint, audience text[]) LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT e.event_id, e.mailbox_id, e.audience
  FROM calendar.event e
  WHERE e.event_id = p_event_id AND e.speaks
$$;
