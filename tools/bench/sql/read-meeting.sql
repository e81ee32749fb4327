-- $1 prefix of the addresses. The first meetings of these people, with the addresses of the organizer and of one attendee.
SELECT e.event_id AS "eventId", e.uid, e.start_at AS start, e.end_at AS "end", e.organizer_address AS organizer, e.attendees,
       e.item_id AS "itemId", m.address
FROM calendar.event e JOIN calendar.mailbox m USING (mailbox_id)
WHERE e.uid = ANY ($2::text[]) AND m.address LIKE $1::text || '%' AND e.item_id ~ '-[01]$'
ORDER BY e.item_id
