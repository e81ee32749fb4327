-- The steps that ask a server, most urgent first.
CREATE OR REPLACE FUNCTION calendar.server_steps() RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT ARRAY['run', 'checkRun', 'ring', 'stop', 'create', 'change', 'look', 'delete', 'watch']
$$;
