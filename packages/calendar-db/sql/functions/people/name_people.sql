-- Derives anew who is meant by some addresses, wherever they are named.
CREATE OR REPLACE FUNCTION calendar.name_people(p_addresses text[]) RETURNS void LANGUAGE sql AS $$
  -- Copies hold people, not aliases: of a list that is known under several names as well.
  SELECT calendar.name_addresses(ARRAY(SELECT unnest(p_addresses) UNION SELECT calendar.canonical(a) FROM unnest(p_addresses) a), '{}')
$$;
