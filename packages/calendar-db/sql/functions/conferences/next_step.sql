-- What a conference needs now, or null when it needs nothing yet. Steps without a request: withdraw, adopt, cancel,
-- letGo, miss, close, revive, acknowledge. The launcher's transition table says where each leads.
-- In plpgsql because an inlined body costs every query that asks for a step 50 ms of planning [measured].
CREATE OR REPLACE FUNCTION calendar.next_step(
  c calendar.conference, k calendar.conference_claim, p_now timestamptz, p_stop_on_cancel boolean, p_stop_after_end boolean
) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN CASE c.state
    WHEN 'planned' THEN
      CASE
        -- It may exist on a server where it is not wanted any more.
        WHEN k.intent = 'create' AND (c.wanted <> 'own' OR c.server_id IS DISTINCT FROM k.intent_server) THEN 'cancel'
        WHEN c.wanted = 'none' THEN 'withdraw'
        WHEN c.wanted = 'link' THEN 'adopt'
        WHEN c.runs AND p_now >= c.give_up_at THEN 'miss'
        WHEN NOT c.runs AND p_now >= c.ends_at THEN 'close'
        WHEN p_now >= c.create_at THEN 'create'
      END
    WHEN 'ready' THEN
      CASE
        WHEN k.intent = 'run' AND p_now < c.ends_at THEN 'checkRun'
        WHEN c.wanted IS DISTINCT FROM c.held OR c.server_id IS DISTINCT FROM c.held_server
          OR (c.wanted = 'link' AND c.link_cid IS DISTINCT FROM c.cid)
          THEN CASE c.held WHEN 'own' THEN 'cancel' ELSE 'letGo' END
        WHEN c.runs AND c.may_run IS NOT FALSE AND p_now >= c.give_up_at THEN 'miss'
        WHEN NOT (c.runs AND c.may_run IS NOT FALSE) AND p_now >= c.ends_at THEN 'close'
        WHEN c.runs AND c.may_run AND p_now >= c.open_at THEN 'run'
        WHEN c.held = 'link' AND c.applied_version < c.wanted_version THEN 'look'
        WHEN c.held = 'link' AND c.may_run IS NULL AND c.runs AND p_now >= c.create_at THEN 'look'
        -- A change that is still under way at the start would delay it; after the start the new ones are called.
        WHEN c.applied_version < c.wanted_version
          AND NOT (c.runs AND p_now >= c.open_at - interval '2 seconds') THEN 'change'
      END
    WHEN 'running' THEN
      CASE
        WHEN c.applied_version < c.wanted_version AND (c.wanted = 'none' OR c.server_id IS DISTINCT FROM c.held_server)
          THEN CASE WHEN p_stop_on_cancel AND c.wanted = 'none' THEN 'stop' ELSE 'acknowledge' END
        WHEN c.applied_version < c.wanted_version THEN 'ring'
        WHEN p_stop_after_end AND p_now >= c.ends_at THEN 'stop'
        WHEN NOT c.confirmed OR p_now >= c.ends_at THEN 'watch'
      END
    WHEN 'cancelling' THEN 'delete'
    ELSE
      CASE
        WHEN c.wanted = 'none' OR c.applied_version >= c.wanted_version THEN NULL
        WHEN c.state IN ('ended', 'missed') AND c.open_at <= p_now THEN 'acknowledge'
        WHEN c.ends_at <= p_now THEN 'acknowledge'
        ELSE 'revive'
      END
  END;
END
$$;
