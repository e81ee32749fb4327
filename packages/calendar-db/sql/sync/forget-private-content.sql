-- Takes the content of at most $1 private events away: what `privacy.storePrivate: false` leaves of them stays. The digest
-- goes too, so that the next sync that looks at one of them writes it anew.
WITH told AS (
  SELECT e.event_id, e.mailbox_id, m.owner FROM calendar.event e JOIN calendar.mailbox m USING (mailbox_id)
  WHERE e.is_private
    AND (e.subject <> '' OR e.location <> '' OR e.preview <> '' OR e.organizer_address IS NOT NULL
      OR e.organizer_name <> '' OR e.attendees <> '[]' OR e.categories <> '{}' OR e.join_links <> '{}'
      OR e.owa_url IS NOT NULL OR e.audience <> ARRAY[m.owner])
  LIMIT $1::integer
)
UPDATE calendar.event e SET
  subject = '', location = '', preview = '', organizer_address = NULL, organizer_name = '', attendees = '[]',
  categories = '{}', join_links = '{}', owa_url = NULL, organizer_person = NULL, is_organizer_copy = false,
  is_room_copy = false, attendee_people = '{}', audience = ARRAY[told.owner], invited = NULL, digest = ''
FROM told WHERE e.event_id = told.event_id AND e.mailbox_id = told.mailbox_id
