-- $1 event, $2 how many more: copies like each of its copies, of events of their own. Generated columns are generated anew.
INSERT INTO calendar.event (
  event_id, mailbox_id, uid, original_start, item_id, series_id, kind, subject, start_at, end_at, all_day, start_date, end_date,
  time_zone, location, preview, organizer_address, organizer_name, attendees, my_response, free_busy, sensitivity, is_private,
  is_meeting, is_cancelled, categories, reminder_minutes, join_links, owa_url, series_text, last_modified, sequence, stamp, invited, details,
  duplicate_of, view_digest, digest, previous_start, changed_fields, organizer_person, is_organizer_copy, is_room_copy,
  attendee_people, audience, gone_at, speaks)
SELECT gen_random_uuid(), mailbox_id, uid || n, original_start, item_id || n, series_id, kind, subject, start_at, end_at, all_day,
       start_date, end_date, time_zone, location, preview, organizer_address, organizer_name, attendees, my_response, free_busy,
       sensitivity, is_private, is_meeting, is_cancelled, categories, reminder_minutes, join_links, owa_url, series_text,
       last_modified, sequence, stamp, invited, details, duplicate_of, view_digest, digest, previous_start, changed_fields,
       organizer_person, is_organizer_copy, is_room_copy, attendee_people, audience, gone_at, true
FROM calendar.event CROSS JOIN generate_series(1, $2::integer) n WHERE event_id = $1::uuid
