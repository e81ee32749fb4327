-- Under the lock and with a snapshot of its own, so that an alias learned a moment ago is known.
CREATE OR REPLACE FUNCTION calendar.name_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.owner := calendar.canonical(NEW.address);
  RETURN NEW;
END
$$;
