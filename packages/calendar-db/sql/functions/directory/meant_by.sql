-- Whom the providers mean by some addresses; of several the first that knows an address is believed. null: nobody.
CREATE OR REPLACE FUNCTION calendar.meant_by(p_addresses text[]) RETURNS TABLE (alias text, person text) LANGUAGE sql STABLE AS $$
  SELECT DISTINCT ON (a) a, e.person
  FROM unnest(p_addresses) a
  LEFT JOIN calendar.directory_entry e ON e.address = a AND e.person IS NOT NULL
  ORDER BY a, e.provider
$$;
