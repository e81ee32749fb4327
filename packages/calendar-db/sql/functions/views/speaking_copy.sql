-- The copy that speaks for an event, the only text of the choice: the organizer's if there is one, a tombstone included (an
-- event that its organizer deleted is over, whatever stale copies say), else the live copy with the lowest mailbox id, one
-- without details only where no other is, else the tombstone with the lowest id: what a guest's copy said stays true when the guest deletes it. No row for an event without
-- copies. Written so that Postgres puts it into a query that calls it in FROM; further columns of the copy are joined by its
-- ids.
CREATE OR REPLACE FUNCTION calendar.speaking_copy(p_event_id uuid)
RETURNS TABLE (event_id uuid, mailbox_id bigint, gone_at timestamptz, audience text[]) LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT e.event_id, e.mailbox_id, e.gone_at, e.audience
  FROM calendar.event e
  WHERE e.event_id = p_event_id
  ORDER BY e.is_organizer_copy DESC, NOT e.is_organizer_copy AND e.gone_at IS NOT NULL,
    NOT e.is_organizer_copy AND e.details = 'missing', e.mailbox_id
  LIMIT 1
$$;
