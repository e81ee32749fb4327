-- Takes over what the planner wants, for as many events as are given; rows that are wanted as before are left alone, and
-- where all are, nobody waits for the lock of the change log: of a meeting of hundreds, each copy is a reason to plan it again
-- and hardly any changes the plan. Only planners write what is compared, and one at a time: they hold the row of the planners.
-- Events of which nothing was ever wanted and which are over get no row. Returns how many rows changed.
CREATE OR REPLACE FUNCTION calendar.plan_conferences(p_actor text, p_plans jsonb) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  wishes calendar.conference[];
  changed integer;
BEGIN
  SELECT array_agg(p) INTO wishes
  FROM jsonb_populate_recordset(NULL::calendar.conference, p_plans) p
  LEFT JOIN calendar.conference c USING (event_id)
  WHERE CASE WHEN c.event_id IS NULL THEN p.ends_at > statement_timestamp()
    ELSE (c.server_id, c.wanted, c.reason, c.owner_id, c.topic, c.description, c.invitees, c.auto_invite, c.series_key,
          c.link_cid, c.link_url, c.runs, c.starts_at, c.ends_at, c.create_at, c.open_at, c.give_up_at)
      IS DISTINCT FROM
         (p.server_id, p.wanted, p.reason, p.owner_id, p.topic, p.description, p.invitees, p.auto_invite, p.series_key,
          p.link_cid, p.link_url, p.runs, p.starts_at, p.ends_at, p.create_at, p.open_at, p.give_up_at) END;
  IF wishes IS NULL THEN RETURN 0; END IF;
  PERFORM calendar.lock_changes();
  WITH wish AS (
    SELECT p.* FROM unnest(wishes) p
  ), before AS MATERIALIZED (
    SELECT c.event_id, c.state, c.wanted, c.starts_at FROM calendar.conference c JOIN wish USING (event_id)
  ), written AS (
    INSERT INTO calendar.conference AS c (
      event_id, server_id, wanted, reason, owner_id, topic, description, invitees, auto_invite, series_key, link_cid,
      link_url, runs, starts_at, ends_at, create_at, open_at, give_up_at, state, life, applied_version)
    SELECT w.event_id, w.server_id, w.wanted, w.reason, w.owner_id, w.topic, w.description, w.invitees, w.auto_invite,
           w.series_key, w.link_cid, w.link_url, w.runs, w.starts_at, w.ends_at, w.create_at, w.open_at, w.give_up_at,
           CASE w.wanted WHEN 'none' THEN 'cancelled' ELSE 'planned' END, CASE w.wanted WHEN 'none' THEN 0 ELSE 1 END,
           CASE w.wanted WHEN 'none' THEN 1 ELSE 0 END
    FROM wish w
    -- It may have been pruned since.
    WHERE w.ends_at > clock_timestamp() OR w.event_id IN (SELECT event_id FROM before)
    ORDER BY w.event_id
    ON CONFLICT (event_id) DO UPDATE SET
      server_id = excluded.server_id, wanted = excluded.wanted, reason = excluded.reason, owner_id = excluded.owner_id,
      topic = excluded.topic, description = excluded.description, invitees = excluded.invitees,
      auto_invite = excluded.auto_invite, series_key = excluded.series_key, link_cid = excluded.link_cid,
      link_url = excluded.link_url, runs = excluded.runs, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
      create_at = excluded.create_at, open_at = excluded.open_at, give_up_at = excluded.give_up_at,
      wanted_version = c.wanted_version + 1
    RETURNING c.*
  ), logged AS (
    INSERT INTO calendar.conference_log (event_id, server_id, cid, life, action, from_state, to_state, due_at, actor, reason)
    SELECT w.event_id, w.server_id, w.cid, w.life,
           CASE WHEN b.event_id IS NULL THEN 'plan' WHEN b.wanted <> w.wanted THEN 'replan' ELSE 'move' END,
           b.state, w.state, w.open_at, p_actor, w.reason
    FROM written w LEFT JOIN before b USING (event_id)
    WHERE CASE WHEN b.event_id IS NULL THEN w.wanted <> 'none' ELSE (b.wanted, b.starts_at) <> (w.wanted, w.starts_at) END
  ), claimable AS (
    INSERT INTO calendar.conference_claim (event_id)
    SELECT w.event_id FROM written w LEFT JOIN before b USING (event_id) WHERE b.event_id IS NULL
  )
  SELECT count(*) INTO changed FROM written;
  RETURN changed;
END
$$;
