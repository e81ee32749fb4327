-- The first instant from `p_from` on at which a conference with the given open intent needs one of `p_steps`; null: never.
-- In plpgsql for the reason of calendar.next_step.
CREATE OR REPLACE FUNCTION calendar.next_step_at(
  c calendar.conference, p_intent text, p_intent_server text, p_stop_on_cancel boolean, p_stop_after_end boolean,
  p_from timestamptz, p_steps text[]
) RETURNS timestamptz LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN calendar.conference_step_at(
    c.state, c.wanted, c.held, c.server_id, c.held_server, c.link_cid, c.cid, c.runs, c.may_run, c.confirmed,
    c.applied_version, c.wanted_version, c.create_at, c.open_at, c.give_up_at, c.ends_at,
    p_intent, p_intent_server, p_stop_on_cancel, p_stop_after_end, p_from, p_steps);
END
$$;
