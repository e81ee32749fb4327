CREATE OR REPLACE FUNCTION calendar.canonical(p_address text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT canonical FROM calendar.person_address WHERE alias = p_address), p_address)
$$;
