-- `calendar.aging_before` is set by calendar.age_out: an event that ended before it in all copies is nobody's news.
CREATE OR REPLACE FUNCTION calendar.event_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  aging_before timestamptz := nullif(current_setting('calendar.aging_before', true), '');
BEGIN
  PERFORM calendar.drop_audiences(array_agg(o.event_id), array_agg(o.audience_key)) FROM old_rows o;
  PERFORM calendar.choose_speakers(ARRAY(SELECT DISTINCT event_id FROM old_rows WHERE speaks));
  PERFORM calendar.log_differences(ARRAY(
    SELECT ROW(CASE WHEN aging_before > o.end_at AND NOT EXISTS (
                      SELECT FROM calendar.event e WHERE e.event_id = o.event_id AND e.end_at >= aging_before
                    ) THEN 'aged' ELSE 'gone' END,
               o.event_id, o.mailbox_id, o.start_at, o.is_organizer_copy, o.audience)::calendar.difference
    FROM old_rows o
  ));
  RETURN NULL;
END
$$;
