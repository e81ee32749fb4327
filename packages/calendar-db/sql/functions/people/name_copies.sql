-- Derives anew whom some copies name, given as arrays of the same length.
CREATE OR REPLACE FUNCTION calendar.name_copies(p_event_ids uuid[], p_mailbox_ids bigint[]) RETURNS void LANGUAGE sql AS $$
  WITH copy AS MATERIALIZED (
    SELECT c.event_id, c.mailbox_id, m.owner, c.organizer_address, c.attendees,
           row_number() OVER (ORDER BY c.event_id, c.mailbox_id) AS place
    FROM unnest(p_event_ids, p_mailbox_ids) AS given (event_id, mailbox_id)
    JOIN calendar.event c USING (event_id, mailbox_id) JOIN calendar.mailbox m USING (mailbox_id)
  ), named AS MATERIALIZED (
    SELECT n.* FROM (
      SELECT array_agg(owner ORDER BY place) AS owners, array_agg(organizer_address ORDER BY place) AS organizers,
             array_agg(attendees ORDER BY place) AS attendees
      FROM copy
    ) c, calendar.people_named(c.owners, c.organizers, c.attendees) n
  )
  UPDATE calendar.event e
  SET audience = n.audience, attendee_people = n.attendee_people,
      organizer_person = n.organizer_person, is_organizer_copy = n.is_organizer_copy, is_room_copy = n.is_room_copy
  FROM copy c FULL JOIN named n USING (place)
  WHERE e.event_id = c.event_id AND e.mailbox_id = c.mailbox_id
    AND (e.audience, e.attendee_people, e.organizer_person, e.is_organizer_copy, e.is_room_copy)
      IS DISTINCT FROM (n.audience, n.attendee_people, n.organizer_person, n.is_organizer_copy, n.is_room_copy)
$$;
