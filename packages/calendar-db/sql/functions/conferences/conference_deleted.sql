CREATE OR REPLACE FUNCTION calendar.conference_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  head bigint;
BEGIN
  WITH logged AS (
    INSERT INTO calendar.change (kind, event_id, audience)
    SELECT 'conference', o.event_id, calendar.concerned(o.event_id)
    FROM old_rows o ORDER BY o.event_id
    RETURNING seq
  )
  SELECT max(seq) INTO head FROM logged;
  IF head IS NOT NULL THEN PERFORM pg_notify('calendar_change', head::text); END IF;
  RETURN NULL;
END
$$;
