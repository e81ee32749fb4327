-- Events that were read before somebody was known to be a room name him as a person: they are put right. Needs the lock of
-- the change log.
CREATE OR REPLACE FUNCTION calendar.mark_rooms(p_rooms text[]) RETURNS void LANGUAGE sql AS $$
  UPDATE calendar.event e SET attendees = n.attendees, is_room_copy = c.is_room_copy OR m.owner = ANY (p_rooms)
  FROM calendar.event c
  JOIN calendar.mailbox m USING (mailbox_id)
  CROSS JOIN LATERAL (
    SELECT jsonb_agg(a.attendee || CASE WHEN p.person = ANY (p_rooms) THEN '{"role": "resource"}' ELSE '{}' END::jsonb ORDER BY a.nth) AS attendees
    FROM jsonb_array_elements(c.attendees) WITH ORDINALITY AS a (attendee, nth)
    JOIN unnest(c.attendee_people) WITH ORDINALITY AS p (person, nth) USING (nth)
  ) n
  WHERE c.audience && p_rooms AND n.attendees <> c.attendees
    AND e.event_id = c.event_id AND e.mailbox_id = c.mailbox_id
$$;
