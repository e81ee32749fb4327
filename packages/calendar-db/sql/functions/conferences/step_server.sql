-- The server that the next request about a conference goes to: where something may be left behind, else where it is held,
-- else where it is wanted.
CREATE OR REPLACE FUNCTION calendar.step_server(c calendar.conference, k calendar.conference_claim)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(k.intent_server, c.held_server, c.server_id)
$$;
