-- Writes the outcomes of claimed steps, each only while its token is still the claim's: whoever was overtaken writes
-- nothing. An outcome is {event_id, token, wanted_version, actual?, intent?, retry_ms?, attempts, log: […]}; without
-- `actual` the conference stays as it is and the change log is not locked. Returns the ids whose outcome was written.
CREATE OR REPLACE FUNCTION calendar.settle_conferences(p_owner uuid, p_actor text, p_outcomes jsonb) RETURNS SETOF uuid
LANGUAGE plpgsql AS $$
DECLARE
  writes_actual boolean := jsonb_path_exists(p_outcomes, '$[*] ? (exists (@.actual))');
  mine uuid[];
BEGIN
  IF writes_actual THEN PERFORM calendar.lock_changes(); END IF;

  SELECT array_agg(locked.event_id) INTO mine FROM (
    SELECT k.event_id FROM calendar.conference_claim k
    JOIN jsonb_to_recordset(p_outcomes) AS o (event_id uuid, token bigint) ON o.event_id = k.event_id AND o.token = k.token
    WHERE k.owner = p_owner
    ORDER BY k.event_id FOR UPDATE OF k
  ) locked;
  IF mine IS NULL THEN RETURN; END IF;

  -- An UPDATE takes the change lock even when it finds no row, here after a claim's: against the order of locks.
  IF writes_actual THEN
    UPDATE calendar.conference c SET
      state = a.state, confirmed = a.confirmed, life = a.life, held = a.held, held_server = a.held_server, cid = a.cid,
      url = a.url, app_url = a.app_url, may_run = a.may_run, recreated = a.recreated, invited = a.invited,
      applied_version = a.applied_version, failure = a.failure,
      actual_version = c.actual_version + 1, updated_at = clock_timestamp()
    FROM jsonb_to_recordset(p_outcomes) AS o (event_id uuid, actual jsonb),
         jsonb_populate_record(NULL::calendar.conference, o.actual) a
    WHERE c.event_id = o.event_id AND c.event_id = ANY (mine) AND o.actual IS NOT NULL;
  END IF;

  UPDATE calendar.conference_claim k SET
    owner = NULL, lease_until = NULL, intent = o.intent,
    intent_server = CASE WHEN o.intent IS NOT NULL THEN k.intent_server END,
    requested_at = CASE WHEN o.intent IS NOT NULL THEN k.requested_at END,
    attempts = o.attempts, retry_version = o.wanted_version, actual_version = c.actual_version,
    -- A start is not put off by what failed before it. LEAST leaves nulls out.
    retry_at = CASE WHEN o.retry_ms IS NOT NULL THEN least(
      clock_timestamp() + make_interval(secs => o.retry_ms / 1000),
      CASE WHEN c.state IN ('planned', 'ready') AND calendar.start_at(c.runs, c.may_run, c.open_at) > clock_timestamp()
        THEN c.open_at END) END
  FROM jsonb_to_recordset(p_outcomes)
         AS o (event_id uuid, intent text, attempts integer, wanted_version bigint, retry_ms double precision)
       JOIN calendar.conference c USING (event_id)
  WHERE k.event_id = o.event_id AND k.event_id = ANY (mine);

  INSERT INTO calendar.conference_log (event_id, server_id, cid, life, action, from_state, to_state, due_at, requested_at,
    confirmed_at, lateness_ms, attempt, actor, reason)
  SELECT o.event_id, l.server_id, l.cid, l.life, l.action, l.from_state, l.to_state, l.due_at, l.requested_at,
         l.confirmed_at, l.lateness_ms, l.attempt, p_actor, l.reason
  FROM jsonb_to_recordset(p_outcomes) AS o (event_id uuid, log jsonb),
       jsonb_populate_recordset(NULL::calendar.conference_log, o.log) l
  WHERE o.event_id = ANY (mine);

  RETURN QUERY SELECT unnest(mine);
END
$$;
