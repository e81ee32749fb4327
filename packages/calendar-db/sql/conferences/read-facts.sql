-- $1 events, $2 most bytes of all facts together, $3 most bytes of one event's.
-- What the planner has to know of the first of these events, in the order given: as many as $2 holds, and one at least.
-- Texts and lists of people come with the copy that speaks alone: a meeting has a copy for each of its people, and each
-- names all of them. Of each other copy comes what it says of its mailbox. Time, place, texts and links of a guest's copy are
-- those of the invitation, whatever that guest changed for himself. Facts beyond $3 are not sent.
-- An event of which no copy is left comes with what its conference was planned by.
WITH RECURSIVE room AS MATERIALIZED (
  SELECT DISTINCT m.address FROM calendar.directory_entry e, unnest(e.members) AS m (address)
  WHERE e.address = 'rooms:' AND e.kind = 'rooms'
), walk AS (
  SELECT 0 AS place, NULL::uuid AS event_id, NULL::jsonb AS speaking, NULL::jsonb AS others, 0 AS bytes, 0::bigint AS total
  UNION ALL
  SELECT w.place + 1, n.event_id, f.speaking, o.others, b.bytes, w.total + b.bytes
  FROM walk w
  CROSS JOIN LATERAL (SELECT ($1::uuid[])[w.place + 1] AS event_id) n
  LEFT JOIN LATERAL (SELECT mailbox_id FROM calendar.speaking_copy(n.event_id)) s ON true
  LEFT JOIN LATERAL (
    SELECT jsonb_build_object(
             'mailboxId', e.mailbox_id, 'owner', m.owner, 'isOrganizerCopy', e.is_organizer_copy,
             'gone', e.gone_at IS NOT NULL, 'details', e.details, 'isDuplicate', e.duplicate_of IS NOT NULL, 'kind', e.kind, 'uid', e.uid,
             'subject', coalesce(i.subject, e.subject), 'preview', coalesce(i.preview, e.preview),
             'startMs', extract(epoch FROM coalesce(i.start_at, e.start_at)) * 1000,
             'endMs', extract(epoch FROM coalesce(i.end_at, e.end_at)) * 1000,
             'allDay', coalesce(i.all_day, e.all_day), 'location', coalesce(i.location, e.location), 'organizer', e.organizer_person,
             'attendees', e.attendees, 'attendeePeople', e.attendee_people, 'audience', e.audience,
             'myResponse', e.my_response, 'sensitivity', e.sensitivity, 'isMeeting', e.is_meeting,
             'isCancelled', e.is_cancelled, 'joinLinks', coalesce(i.join_links, e.join_links)) AS speaking
    -- OFFSET, here and below: rows are looked up one by one. Postgres may join whole mailboxes of events instead.
    FROM (SELECT * FROM calendar.event WHERE event_id = n.event_id AND mailbox_id = s.mailbox_id OFFSET 0) e
    JOIN calendar.mailbox m USING (mailbox_id)
    LEFT JOIN LATERAL calendar.as_invited(CASE WHEN NOT e.is_organizer_copy THEN e.invited END) i ON true
  ) f ON true
  CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
             'mailboxId', e.mailbox_id, 'owner', m.owner,
             'organizer', e.organizer_person,
             'holder', CASE WHEN e.is_room_copy OR m.owner IN (SELECT address FROM room) THEN 'room' ELSE 'person' END,
             -- Who organizes is decided by the addresses, whatever the mailbox says of itself.
             'response', CASE WHEN e.is_organizer_copy THEN 'organizer'
               WHEN e.my_response = 'organizer' THEN 'unknown' ELSE e.my_response END,
             'isLive', e.gone_at IS NULL AND NOT e.is_cancelled) ORDER BY e.mailbox_id), '[]') AS others
    FROM calendar.event e
    CROSS JOIN LATERAL (SELECT owner FROM calendar.mailbox WHERE mailbox_id = e.mailbox_id OFFSET 0) m
    WHERE e.event_id = n.event_id AND e.mailbox_id IS DISTINCT FROM s.mailbox_id
  ) o
  CROSS JOIN LATERAL (SELECT coalesce(octet_length(f.speaking::text), 0) + octet_length(o.others::text) AS bytes) b
  WHERE w.place < cardinality($1::uuid[]) AND w.total <= $2::double precision
)
SELECT w.event_id AS "eventId", w.bytes, w.bytes > $3::double precision AS "isOversized",
       CASE WHEN w.bytes <= $3 THEN w.speaking END AS speaking,
       CASE WHEN w.bytes <= $3 THEN w.others ELSE '[]' END AS others,
       c.starts_at AS "plannedStart", c.ends_at AS "plannedEnd", c.wanted AS "plannedWish"
FROM walk w
LEFT JOIN calendar.conference c ON c.event_id = w.event_id
WHERE w.place > 0 AND (w.total <= $2 OR w.place = 1)
ORDER BY w.place
