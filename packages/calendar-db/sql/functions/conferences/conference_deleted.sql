CREATE OR REPLACE FUNCTION calendar.conference_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM calendar.log_conferences(ARRAY(SELECT event_id FROM old_rows));
  RETURN NULL;
END
$$;
