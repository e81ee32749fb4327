-- An alias of an alias becomes an alias of the person, whichever of the two was learned first.
CREATE OR REPLACE FUNCTION calendar.flatten_aliases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.canonical := calendar.canonical(NEW.canonical);
  RETURN NEW;
END
$$;
