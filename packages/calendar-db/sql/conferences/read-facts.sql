-- Everything that the planner has to know of some events: every copy, tombstones included, by mailbox id. Lists of people
-- and texts come with the copy that speaks alone: a meeting has a copy for each of its people, and each names all of them.
-- Time, place, texts and links of a guest's copy are those of the invitation, whatever that guest changed for himself.
-- An event of which no copy is left comes with what its conference was planned by.
SELECT w.event_id AS "eventId", coalesce(copies.list, '[]') AS copies,
       c.starts_at AS "plannedStart", c.ends_at AS "plannedEnd"
FROM unnest($1::uuid[]) AS w (event_id)
LEFT JOIN calendar.conference c USING (event_id)
LEFT JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_object(
           'mailboxId', e.mailbox_id, 'owner', m.owner, 'isOrganizerCopy', e.is_organizer_copy, 'isRoomCopy', e.is_room_copy,
           'speaks', p.speaks,
           'gone', e.gone_at IS NOT NULL, 'kind', e.kind, 'uid', e.uid,
           'subject', CASE WHEN p.speaks THEN coalesce(i.subject, e.subject) ELSE '' END,
           'preview', CASE WHEN p.speaks THEN coalesce(i.preview, e.preview) ELSE '' END,
           'startMs', extract(epoch FROM coalesce(i.start_at, e.start_at)) * 1000,
           'endMs', extract(epoch FROM coalesce(i.end_at, e.end_at)) * 1000,
           'allDay', coalesce(i.all_day, e.all_day),
           'location', CASE WHEN p.speaks THEN coalesce(i.location, e.location) ELSE '' END,
           'organizer', e.organizer_person,
           'attendees', CASE WHEN p.speaks THEN e.attendees ELSE '[]' END,
           'attendeePeople', CASE WHEN p.speaks THEN e.attendee_people ELSE '{}' END,
           'audience', CASE WHEN p.speaks THEN e.audience ELSE '{}' END,
           'myResponse', e.my_response, 'sensitivity', e.sensitivity, 'isMeeting', e.is_meeting,
           'isCancelled', e.is_cancelled, 'joinLinks', CASE WHEN p.speaks THEN coalesce(i.join_links, e.join_links) ELSE '{}' END
         ) ORDER BY e.mailbox_id) AS list
  FROM calendar.event e
  JOIN calendar.mailbox m USING (mailbox_id)
  CROSS JOIN LATERAL (SELECT e.speaks) p
  LEFT JOIN LATERAL calendar.as_invited(CASE WHEN e.speaks AND NOT e.is_organizer_copy THEN e.invited END) i ON true
  WHERE e.event_id = w.event_id
) copies ON true
