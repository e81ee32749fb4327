-- Everything that the planner has to know of some events: every copy, tombstones included, by mailbox id. An event of
-- which no copy is left comes with what its conference was planned by.
SELECT w.event_id AS "eventId", coalesce(copies.list, '[]') AS copies,
       c.starts_at AS "plannedStart", c.ends_at AS "plannedEnd"
FROM unnest($1::uuid[]) AS w (event_id)
LEFT JOIN calendar.conference c USING (event_id)
LEFT JOIN LATERAL (
  SELECT jsonb_agg(jsonb_build_object(
           'mailboxId', e.mailbox_id, 'owner', m.owner, 'isOrganizerCopy', e.is_organizer_copy,
           'speaks', e.mailbox_id IS NOT DISTINCT FROM s.mailbox_id,
           'gone', e.gone_at IS NOT NULL, 'kind', e.kind, 'uid', e.uid, 'subject', e.subject, 'preview', e.preview,
           'startMs', extract(epoch FROM e.start_at) * 1000, 'endMs', extract(epoch FROM e.end_at) * 1000,
           'allDay', e.all_day, 'location', e.location, 'organizer', e.organizer_person,
           'attendees', e.attendees, 'attendeePeople', e.attendee_people, 'audience', e.audience,
           'myResponse', e.my_response, 'sensitivity', e.sensitivity, 'isMeeting', e.is_meeting,
           'isCancelled', e.is_cancelled, 'joinLinks', e.join_links
         ) ORDER BY e.mailbox_id) AS list
  FROM calendar.event e
  JOIN calendar.mailbox m USING (mailbox_id)
  LEFT JOIN calendar.speaking_copy(w.event_id) s ON true
  WHERE e.event_id = w.event_id
) copies ON true
