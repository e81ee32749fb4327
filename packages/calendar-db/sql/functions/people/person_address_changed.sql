-- A new alias touches only copies that hold it as it is: those of the person behind it are as they were. Otherwise
-- learning the aliases of a company would derive all of its calendars anew, twice.
CREATE OR REPLACE FUNCTION calendar.person_address_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  addresses text[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(DISTINCT n.alias) INTO addresses FROM new_rows n;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(DISTINCT a) INTO addresses FROM old_rows o, unnest(ARRAY[o.alias, o.canonical]) a;
  ELSE
    SELECT array_agg(DISTINCT a) INTO addresses
    FROM new_rows n JOIN old_rows o USING (alias), unnest(ARRAY[n.alias, n.canonical, o.canonical]) a
    WHERE n.canonical <> o.canonical;
  END IF;
  IF addresses IS NULL THEN RETURN NULL; END IF;
  IF TG_OP <> 'DELETE' THEN
    UPDATE calendar.person_address p SET canonical = n.canonical
    FROM new_rows n WHERE p.canonical = n.alias;
  END IF;
  IF TG_OP = 'INSERT' THEN
    PERFORM calendar.name_addresses(addresses, ARRAY(SELECT canonical FROM new_rows));
  ELSE
    PERFORM calendar.name_people(addresses);
  END IF;
  RETURN NULL;
END
$$;
