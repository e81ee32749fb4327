-- The steps that ask no server, most urgent first.
CREATE OR REPLACE FUNCTION calendar.local_steps() RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT ARRAY['cancel', 'letGo', 'withdraw', 'adopt', 'revive', 'miss', 'close', 'acknowledge']
$$;
