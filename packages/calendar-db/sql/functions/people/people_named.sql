-- The people whom copies name, given as arrays of the same length; `place` counts from 1. The audience are all who may
-- come to see the event through the copy: its owner, organizer and attendees, the lists among them and their members
-- (as deep as calendar.list_depth says), as canonical addresses in order.
CREATE OR REPLACE FUNCTION calendar.people_named(p_owners text[], p_organizers text[], p_attendees jsonb[])
RETURNS TABLE (place bigint, organizer_person text, is_organizer_copy boolean, is_room_copy boolean,
               attendee_people text[], audience text[])
LANGUAGE sql STABLE ROWS 500 AS $$
  WITH RECURSIVE copy AS MATERIALIZED (
    SELECT c.place, c.owner, c.organizer, c.attendees
    FROM unnest(p_owners, p_organizers, p_attendees) WITH ORDINALITY AS c (owner, organizer, attendees, place)
  ), attendee AS MATERIALIZED (
    SELECT c.place, a.nth, a.attendee ->> 'address' AS address, a.attendee ->> 'role' = 'resource' AS is_resource, c.owner
    FROM copy c, jsonb_array_elements(c.attendees) WITH ORDINALITY AS a (attendee, nth)
  ), member (place, address, depth) AS (
    (SELECT c.place, c.owner, 0 FROM copy c
     UNION SELECT c.place, c.organizer, 0 FROM copy c WHERE c.organizer IS NOT NULL
     UNION SELECT a.place, a.address, 0 FROM attendee a WHERE a.address IS NOT NULL)
    UNION
    SELECT m.place, g.member, m.depth + 1
    FROM member m
    LEFT JOIN calendar.person_address p ON p.alias = m.address
    JOIN calendar.group_member g ON g.list = ANY (ARRAY[m.address, p.canonical])
    WHERE m.depth < calendar.list_depth()
  ), audience AS (
    SELECT person.place, array_agg(person.address ORDER BY person.address) AS people
    FROM (
      SELECT DISTINCT m.place, coalesce(p.canonical, m.address) AS address
      FROM member m LEFT JOIN calendar.person_address p ON p.alias = m.address
    ) person
    GROUP BY person.place
  ), attending AS (
    SELECT a.place, array_agg(coalesce(p.canonical, a.address, '') ORDER BY a.nth) AS people,
           bool_or(a.is_resource AND coalesce(p.canonical, a.address) = a.owner) AS is_room
    FROM attendee a LEFT JOIN calendar.person_address p ON p.alias = a.address
    GROUP BY a.place
  )
  SELECT place, coalesce(o.canonical, c.organizer), coalesce(coalesce(o.canonical, c.organizer) = c.owner, false),
         coalesce(a.is_room, false), coalesce(a.people, '{}'), n.people
  -- FULL: never planned as nested loops, however few rows the planner expects.
  FROM copy c
  FULL JOIN audience n USING (place)
  FULL JOIN attending a USING (place)
  LEFT JOIN calendar.person_address o ON o.alias = c.organizer
$$;
