-- Whether an event is over for those who look through the copy that speaks for it: its organizer deleted it, or every guest
-- deleted it. A guest's tombstone alone says only that this guest declined.
CREATE OR REPLACE FUNCTION calendar.is_over(p_event_id uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT NOT EXISTS (
    SELECT FROM calendar.event s JOIN calendar.event l USING (event_id)
    WHERE s.event_id = p_event_id AND s.speaks AND l.gone_at IS NULL
      AND (s.mailbox_id = l.mailbox_id
        OR NOT s.is_organizer_copy AND s.organizer_person IS NOT DISTINCT FROM l.organizer_person)
  )
$$;
