-- What a conference needs at the instant `p_at`, or null when it needs nothing then: the only text of when something is
-- due. The facts are columns of `conference`, but for the open intent of its claim and the two rules. Steps without a
-- request: withdraw, adopt, cancel, letGo, miss, close, revive, acknowledge. The launcher's transition table says where each
-- leads. Steps become due at the instants that calendar.conference_step_at looks at, and at no others.
-- In plpgsql because an inlined body costs every query that asks for a step 50 ms of planning [measured].
CREATE OR REPLACE FUNCTION calendar.conference_step(
  p_state text, p_wanted text, p_held text, p_server_id text, p_held_server text, p_link_cid text, p_cid text,
  p_runs boolean, p_may_run boolean, p_confirmed boolean, p_applied_version bigint, p_wanted_version bigint,
  p_create_at timestamptz, p_open_at timestamptz, p_give_up_at timestamptz, p_ends_at timestamptz,
  p_intent text, p_intent_server text, p_stop_on_cancel boolean, p_stop_after_end boolean, p_at timestamptz
) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  start_at CONSTANT timestamptz := calendar.start_at(p_runs, p_may_run, p_open_at);
  is_behind CONSTANT boolean := p_applied_version < p_wanted_version;
BEGIN
  RETURN CASE p_state
    WHEN 'planned' THEN
      CASE
        -- It may exist on a server where it is not wanted any more.
        WHEN p_intent = 'create' AND (p_wanted <> 'own' OR p_server_id IS DISTINCT FROM p_intent_server) THEN 'cancel'
        WHEN p_wanted = 'none' THEN 'withdraw'
        WHEN p_wanted = 'link' THEN 'adopt'
        WHEN start_at IS NOT NULL AND p_at >= p_give_up_at THEN 'miss'
        WHEN start_at IS NULL AND p_at >= p_ends_at THEN 'close'
        WHEN p_at >= p_create_at THEN 'create'
      END
    WHEN 'ready' THEN
      CASE
        WHEN p_intent = 'run' AND p_at < p_ends_at THEN 'checkRun'
        WHEN p_wanted IS DISTINCT FROM p_held OR p_server_id IS DISTINCT FROM p_held_server
          OR (p_wanted = 'link' AND p_link_cid IS DISTINCT FROM p_cid)
          THEN CASE p_held WHEN 'own' THEN 'cancel' ELSE 'letGo' END
        WHEN start_at IS NOT NULL AND p_at >= p_give_up_at THEN 'miss'
        WHEN start_at IS NULL AND p_at >= p_ends_at THEN 'close'
        WHEN p_may_run AND p_at >= start_at THEN 'run'
        WHEN p_held = 'link' AND is_behind THEN 'look'
        WHEN p_held = 'link' AND p_may_run IS NULL AND p_runs AND p_at >= p_create_at THEN 'look'
        -- A change that is still under way at the start would delay it; after the start the new ones are called.
        WHEN is_behind AND (start_at IS NULL OR p_at < start_at - interval '2 seconds') THEN 'change'
      END
    WHEN 'running' THEN
      CASE
        WHEN is_behind AND (p_wanted = 'none' OR p_server_id IS DISTINCT FROM p_held_server)
          THEN CASE WHEN p_stop_on_cancel AND p_wanted = 'none' THEN 'stop' ELSE 'acknowledge' END
        WHEN is_behind THEN 'ring'
        WHEN p_stop_after_end AND p_at >= p_ends_at THEN 'stop'
        WHEN NOT p_confirmed OR p_at >= p_ends_at THEN 'watch'
      END
    WHEN 'cancelling' THEN 'delete'
    ELSE
      CASE
        WHEN p_wanted = 'none' OR NOT is_behind THEN NULL
        WHEN p_state IN ('ended', 'missed') AND p_open_at <= p_at THEN 'acknowledge'
        WHEN p_ends_at <= p_at THEN 'acknowledge'
        ELSE 'revive'
      END
  END;
END
$$;
