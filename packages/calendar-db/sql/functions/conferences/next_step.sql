-- What a conference with its claim needs at an instant: see calendar.conference_step.
-- In plpgsql, since a body in SQL is put into the query as often as its result is used, which doubles the planning of every
-- claim [measured].
CREATE OR REPLACE FUNCTION calendar.next_step(
  c calendar.conference, k calendar.conference_claim, p_stop_on_cancel boolean, p_stop_after_end boolean, p_at timestamptz
) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN calendar.conference_step(
    c.state, c.wanted, c.held, c.server_id, c.held_server, c.link_cid, c.cid, c.runs, c.may_run, c.confirmed,
    c.applied_version, c.wanted_version, c.create_at, c.open_at, c.give_up_at, c.ends_at,
    k.intent, k.intent_server, p_stop_on_cancel, p_stop_after_end, p_at);
END
$$;
