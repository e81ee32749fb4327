-- The second channel: workers come, go and drain; an operator asks for a reload; a breaking migration was applied.
CREATE OR REPLACE FUNCTION calendar.worker_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('calendar_worker', json_build_object('registry', coalesce(NEW.kind, OLD.kind))::text);
  RETURN NULL;
END
$$;
