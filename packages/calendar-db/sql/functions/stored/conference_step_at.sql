-- The first instant, `p_from` or a later one, at which a conference needs one of `p_steps` (null: any), as
-- calendar.conference_step tells; null: never.
CREATE OR REPLACE FUNCTION calendar.conference_step_at(
  p_state text, p_wanted text, p_held text, p_server_id text, p_held_server text, p_link_cid text, p_cid text,
  p_runs boolean, p_may_run boolean, p_confirmed boolean, p_applied_version bigint, p_wanted_version bigint,
  p_create_at timestamptz, p_open_at timestamptz, p_give_up_at timestamptz, p_ends_at timestamptz,
  p_intent text, p_intent_server text, p_stop_on_cancel boolean, p_stop_after_end boolean,
  p_from timestamptz, p_steps text[]
) RETURNS timestamptz LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  instant timestamptz;
  step text;
  earliest timestamptz;
BEGIN
  FOREACH instant IN ARRAY ARRAY[p_from, p_create_at, p_open_at, p_give_up_at, p_ends_at] LOOP
    IF instant >= p_from AND (earliest IS NULL OR instant < earliest) THEN
      step := calendar.conference_step(
        p_state, p_wanted, p_held, p_server_id, p_held_server, p_link_cid, p_cid, p_runs, p_may_run, p_confirmed,
        p_applied_version, p_wanted_version, p_create_at, p_open_at, p_give_up_at, p_ends_at,
        p_intent, p_intent_server, p_stop_on_cancel, p_stop_after_end, instant);
      IF step IS NOT NULL AND (p_steps IS NULL OR step = ANY (p_steps)) THEN earliest := instant; END IF;
    END IF;
  END LOOP;
  RETURN earliest;
END
$$;
