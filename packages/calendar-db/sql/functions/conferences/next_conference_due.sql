-- When the next step of a server (null: of those that ask none) may be claimed; null: nothing is known to come.
CREATE OR REPLACE FUNCTION calendar.next_conference_due(
  p_server text, p_stop_on_cancel boolean, p_stop_after_end boolean
) RETURNS timestamptz LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  -- Of what is due by its own facts and cannot be claimed yet: it, or what comes after it.
  waiting timestamptz;
  coming timestamptz;
BEGIN
  IF EXISTS (SELECT FROM calendar.due_conferences(p_server, 1, p_stop_on_cancel, p_stop_after_end)) THEN
    RETURN statement_timestamp();
  END IF;
  IF p_server IS NULL THEN
    SELECT min(greatest(s.at, calendar.claimable_at(c, k))) INTO waiting
    FROM (
      SELECT d.event_id FROM calendar.conference d WHERE d.local_due_at <= statement_timestamp()
      UNION
      SELECT i.event_id FROM calendar.conference_claim i JOIN calendar.conference d USING (event_id)
      WHERE i.intent = 'create' AND d.server_id IS DISTINCT FROM i.intent_server
    ) due
    JOIN calendar.conference c USING (event_id)
    JOIN calendar.conference_claim k USING (event_id)
    CROSS JOIN LATERAL (
      SELECT least(
        calendar.next_step_at(c, k.intent, k.intent_server, p_stop_on_cancel, p_stop_after_end, statement_timestamp(),
          calendar.local_steps()),
        -- Once an open intent is resolved, which nobody tells of, a step that needs no server may be due at once.
        CASE WHEN k.intent IS NOT NULL THEN greatest(statement_timestamp() + interval '1 second',
          calendar.next_step_at(c, NULL, NULL, p_stop_on_cancel, p_stop_after_end, statement_timestamp(),
            calendar.local_steps())) END
      ) AS at
      OFFSET 0
    ) s
    WHERE s.at IS NOT NULL;
    SELECT c.local_due_at INTO coming FROM calendar.conference c
    WHERE c.local_due_at > statement_timestamp() AND c.local_due_at < 'infinity'
    ORDER BY c.local_due_at LIMIT 1;
  ELSE
    SELECT min(greatest(s.at, calendar.claimable_at(c, k))) INTO waiting
    FROM (
      SELECT d.event_id FROM calendar.conference d
      WHERE coalesce(d.held_server, d.server_id) = p_server AND d.state IN ('planned', 'ready', 'running', 'cancelling')
        AND d.server_due_at <= statement_timestamp()
      UNION
      SELECT i.event_id FROM calendar.conference_claim i WHERE i.intent = 'run' AND i.intent_server = p_server
    ) due
    JOIN calendar.conference c USING (event_id)
    JOIN calendar.conference_claim k USING (event_id)
    CROSS JOIN LATERAL (
      SELECT calendar.next_step_at(c, k.intent, k.intent_server, p_stop_on_cancel, p_stop_after_end, statement_timestamp(),
               calendar.server_steps()) AS at
      OFFSET 0
    ) s
    WHERE s.at IS NOT NULL AND calendar.step_server(c, k) = p_server;
    SELECT min(next.at) INTO coming
    FROM unnest(ARRAY['planned', 'ready', 'running', 'cancelling']) AS due (state)
    CROSS JOIN LATERAL (
      SELECT c.server_due_at AS at FROM calendar.conference c
      WHERE coalesce(c.held_server, c.server_id) = p_server AND c.state = due.state
        AND c.server_due_at > statement_timestamp() AND c.server_due_at < 'infinity'
      ORDER BY c.server_due_at LIMIT 1
    ) next;
  END IF;
  RETURN least(waiting, coming);
END
$$;
