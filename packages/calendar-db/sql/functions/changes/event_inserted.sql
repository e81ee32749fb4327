CREATE OR REPLACE FUNCTION calendar.event_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO calendar.event_audience (event_id, audience_key, audience)
  SELECT DISTINCT ON (n.event_id, n.audience_key) n.event_id, n.audience_key, n.audience FROM new_rows n
  ON CONFLICT DO NOTHING;
  PERFORM calendar.choose_speakers(ARRAY(SELECT DISTINCT event_id FROM new_rows));
  PERFORM calendar.log_differences(ARRAY(
    SELECT ROW(CASE WHEN n.gone_at IS NULL THEN 'event' ELSE 'gone' END, n.event_id, n.mailbox_id, n.start_at,
               n.is_organizer_copy, n.audience)::calendar.difference
    FROM new_rows n
  ));
  RETURN NULL;
END
$$;
