-- Only what a viewer, or the launcher for him, can notice makes a change: item ids, digests and time stamps do not.
CREATE OR REPLACE FUNCTION calendar.event_updated() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  events uuid[];
  keys bigint[];
BEGIN
  SELECT array_agg(event_id), array_agg(o.audience_key) INTO events, keys
  FROM new_rows n FULL JOIN old_rows o USING (event_id, mailbox_id) WHERE n.audience_key <> o.audience_key;
  IF events IS NOT NULL THEN
    INSERT INTO calendar.event_audience (event_id, audience_key, audience)
    SELECT DISTINCT ON (n.event_id, n.audience_key) n.event_id, n.audience_key, n.audience FROM new_rows n
    ON CONFLICT DO NOTHING;
    PERFORM calendar.drop_audiences(events, keys);
  END IF;
  PERFORM calendar.choose_speakers(ARRAY(
    SELECT DISTINCT event_id FROM new_rows n FULL JOIN old_rows o USING (event_id, mailbox_id)
    WHERE (n.is_organizer_copy, n.is_room_copy, n.is_private, n.organizer_person, n.sequence, n.stamp, n.is_cancelled, n.details = 'missing')
      IS DISTINCT FROM
          (o.is_organizer_copy, o.is_room_copy, o.is_private, o.organizer_person, o.sequence, o.stamp, o.is_cancelled, o.details = 'missing')
  ));
  PERFORM calendar.log_differences(ARRAY(
    SELECT ROW(CASE WHEN n.gone_at IS NULL THEN 'event' ELSE 'gone' END, event_id, mailbox_id, n.start_at,
               o.is_organizer_copy OR n.is_organizer_copy,
               CASE WHEN n.audience_key = o.audience_key THEN n.audience ELSE o.audience || n.audience END)::calendar.difference
    -- FULL, although every row has its partner: such a join is never planned as nested loops, and the plan that was made
    -- for a few rows also serves for hundreds.
    FROM new_rows n FULL JOIN old_rows o USING (event_id, mailbox_id)
    WHERE (n.subject, n.start_at, n.end_at, n.all_day, n.start_date, n.end_date, n.time_zone, n.location, n.preview,
           n.organizer_address, n.organizer_name, n.attendees, n.my_response, n.free_busy, n.sensitivity, n.is_meeting,
           n.is_cancelled, n.categories, n.reminder_minutes, n.join_links, n.owa_url, n.series_text, n.uid, n.kind,
           n.organizer_person, n.is_organizer_copy, n.attendee_people, n.audience, n.previous_start,
           n.changed_fields, n.details = 'missing', n.duplicate_of, n.gone_at IS NULL, n.invited, n.sequence, n.stamp, n.is_room_copy)
      IS DISTINCT FROM
          (o.subject, o.start_at, o.end_at, o.all_day, o.start_date, o.end_date, o.time_zone, o.location, o.preview,
           o.organizer_address, o.organizer_name, o.attendees, o.my_response, o.free_busy, o.sensitivity, o.is_meeting,
           o.is_cancelled, o.categories, o.reminder_minutes, o.join_links, o.owa_url, o.series_text, o.uid, o.kind,
           o.organizer_person, o.is_organizer_copy, o.attendee_people, o.audience, o.previous_start,
           o.changed_fields, o.details = 'missing', o.duplicate_of, o.gone_at IS NULL, o.invited, o.sequence, o.stamp, o.is_room_copy)
  ));
  RETURN NULL;
END
$$;
