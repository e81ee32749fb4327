-- Derives anew whom some copies name, given as arrays of the same length, and which attendees are rooms: who was not known to
-- be one when the copy was read stands there as a person.
CREATE OR REPLACE FUNCTION calendar.name_copies(p_event_ids uuid[], p_mailbox_ids bigint[]) RETURNS void LANGUAGE sql AS $$
  WITH room AS MATERIALIZED (
    SELECT DISTINCT m.address FROM calendar.directory_entry e, unnest(e.members) AS m (address)
    WHERE e.address = 'rooms:' AND e.kind = 'rooms'
  ), copy AS MATERIALIZED (
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
  ), derived AS MATERIALIZED (
    SELECT c.event_id, c.mailbox_id, n.audience, n.attendee_people, n.organizer_person, n.is_organizer_copy,
           n.is_room_copy OR c.owner IN (SELECT address FROM room) AS is_room_copy,
           coalesce(r.attendees, c.attendees) AS attendees
    FROM copy c FULL JOIN named n USING (place)
    LEFT JOIN LATERAL (
      SELECT jsonb_agg(a.attendee || CASE WHEN a.person IN (SELECT address FROM room) THEN '{"role": "resource"}' ELSE '{}' END::jsonb
                       ORDER BY a.nth) AS attendees
      FROM ROWS FROM (jsonb_array_elements(c.attendees), unnest(n.attendee_people)) WITH ORDINALITY AS a (attendee, person, nth)
      HAVING bool_or(a.person IN (SELECT address FROM room))
    ) r ON true
  )
  UPDATE calendar.event e
  SET audience = n.audience, attendee_people = n.attendee_people, attendees = n.attendees,
      organizer_person = n.organizer_person, is_organizer_copy = n.is_organizer_copy, is_room_copy = n.is_room_copy
  FROM derived n
  WHERE e.event_id = n.event_id AND e.mailbox_id = n.mailbox_id
    AND (e.audience, e.attendee_people, e.attendees, e.organizer_person, e.is_organizer_copy, e.is_room_copy)
      IS DISTINCT FROM (n.audience, n.attendee_people, n.attendees, n.organizer_person, n.is_organizer_copy, n.is_room_copy)
$$;
