-- Conferences of which a step of a server (null: a step that asks none) may be claimed now: of each kind of step the
-- `p_most` that have been due for the longest. Each kind is the range of an index that is read until there are enough, so
-- that the cost is that of what is taken and not of all that is due. Planned once per session: planning takes longer than
-- reading a few.
CREATE OR REPLACE FUNCTION calendar.due_conferences(
  p_server text, p_most integer, p_stop_on_cancel boolean, p_stop_after_end boolean
) RETURNS TABLE (event_id uuid) LANGUAGE plpgsql STABLE ROWS 20 SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  IF p_server IS NULL THEN
    RETURN QUERY
    (SELECT c.event_id
     FROM calendar.conference c
     JOIN calendar.conference_claim k ON k.event_id = c.event_id AND k.actual_version = c.actual_version
     WHERE c.local_due_at <= statement_timestamp()
       AND coalesce(calendar.claimable_at(c, k) <= statement_timestamp(), true)
       AND calendar.next_step(c, k, p_stop_on_cancel, p_stop_after_end, statement_timestamp()) = ANY (calendar.local_steps())
     ORDER BY c.local_due_at, c.open_at LIMIT p_most)
    UNION
    -- It may have been made on a server where it is not wanted any more.
    (SELECT c.event_id
     FROM calendar.conference_claim k
     JOIN calendar.conference c ON c.event_id = k.event_id AND c.actual_version = k.actual_version
     WHERE k.intent = 'create' AND c.server_id IS DISTINCT FROM k.intent_server
       AND coalesce(calendar.claimable_at(c, k) <= statement_timestamp(), true)
       AND calendar.next_step(c, k, p_stop_on_cancel, p_stop_after_end, statement_timestamp()) = ANY (calendar.local_steps())
     LIMIT p_most);
  ELSE
    RETURN QUERY
    (SELECT c.event_id
     FROM calendar.conference c
     JOIN calendar.conference_claim k ON k.event_id = c.event_id AND k.actual_version = c.actual_version
     WHERE coalesce(c.held_server, c.server_id) = p_server AND c.state = 'ready'
       AND calendar.start_at(c.runs, c.may_run, c.open_at) <= statement_timestamp()
       AND coalesce(calendar.claimable_at(c, k) <= statement_timestamp(), true)
       AND calendar.next_step(c, k, p_stop_on_cancel, p_stop_after_end, statement_timestamp()) IN ('run', 'checkRun')
     ORDER BY calendar.start_at(c.runs, c.may_run, c.open_at) LIMIT p_most)
    UNION
    -- A start that may have been sent is looked into, whatever is wanted by now.
    (SELECT c.event_id
     FROM calendar.conference_claim k
     JOIN calendar.conference c ON c.event_id = k.event_id AND c.actual_version = k.actual_version
     WHERE k.intent = 'run' AND k.intent_server = p_server
       AND coalesce(calendar.claimable_at(c, k) <= statement_timestamp(), true)
       AND calendar.next_step(c, k, p_stop_on_cancel, p_stop_after_end, statement_timestamp()) = 'checkRun'
     LIMIT p_most)
    UNION
    (SELECT due.event_id
     FROM (VALUES ('running', '{ring,stop}'::text[]), ('planned', '{create}'), ('ready', '{change,look}'),
                  ('cancelling', '{delete}'), ('running', '{watch}')) AS kind (state, steps)
     CROSS JOIN LATERAL (
       SELECT c.event_id
       FROM calendar.conference c
       JOIN calendar.conference_claim k ON k.event_id = c.event_id AND k.actual_version = c.actual_version
       WHERE coalesce(c.held_server, c.server_id) = p_server AND c.state = kind.state
         AND c.server_due_at <= statement_timestamp()
         AND coalesce(calendar.claimable_at(c, k) <= statement_timestamp(), true)
         AND calendar.next_step(c, k, p_stop_on_cancel, p_stop_after_end, statement_timestamp()) = ANY (kind.steps)
       ORDER BY c.server_due_at, c.open_at LIMIT p_most
     ) due);
  END IF;
END
$$;
