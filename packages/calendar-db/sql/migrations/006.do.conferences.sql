-- breaking: true
-- What should be in TrueConf for an event, what is there, who is at work on it, and the proof of what was done.

-- When a launcher was first allowed to start conferences; what began before is never started.
ALTER TABLE calendar.meta ADD COLUMN launching_since timestamptz;

CREATE TABLE calendar.conference (
  event_id uuid PRIMARY KEY,

  -- Wanted: written by the planner only, which raises `wanted_version` whenever anything here changes.
  server_id text,
  wanted text NOT NULL CHECK (wanted IN ('own', 'link', 'none')),
  -- Why nothing is wanted, or why something wanted is not run; null when there is nothing to explain.
  reason text,
  owner_id text,
  topic text,
  description text,
  -- [{"id": TrueConf ID, "address": …}] of everybody who takes part, ordered by id.
  invitees jsonb NOT NULL DEFAULT '[]',
  auto_invite boolean NOT NULL DEFAULT true,
  -- Set when all occurrences of a series share one conference.
  series_key text,
  link_cid text,
  link_url text,
  -- False with `launchConference: false`, for links of unknown owners and in a dry run.
  runs boolean NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  create_at timestamptz NOT NULL,
  open_at timestamptz NOT NULL,
  give_up_at timestamptz NOT NULL,
  wanted_version bigint NOT NULL DEFAULT 1,

  -- Actual: written by the runner only, which raises `actual_version` with every write.
  state text NOT NULL DEFAULT 'planned'
    CHECK (state IN ('planned', 'ready', 'running', 'cancelling', 'ended', 'cancelled', 'missed', 'failed')),
  confirmed boolean NOT NULL DEFAULT false,
  life integer NOT NULL DEFAULT 1,
  -- What is held on which server: our own conference, or somebody's linked one.
  held text CHECK (held IN ('own', 'link')),
  held_server text,
  cid text,
  url text,
  app_url text,
  -- Whether the server lets us run it; null while a link's owner was not asked for.
  may_run boolean,
  -- It vanished from the server once in this life and was created again.
  recreated boolean NOT NULL DEFAULT false,
  -- TrueConf IDs on the conference's list, or called into it.
  invited text[] NOT NULL DEFAULT '{}',
  applied_version bigint NOT NULL DEFAULT 0,
  failure text,
  actual_version bigint NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),

  -- When something is to be done next, by the facts of this row alone; null: never. See calendar.next_step.
  due_at timestamptz GENERATED ALWAYS AS (
    CASE state
      WHEN 'planned' THEN
        CASE wanted
          WHEN 'own' THEN least(create_at, CASE WHEN runs THEN give_up_at ELSE ends_at END)
          ELSE '-infinity'
        END
      WHEN 'ready' THEN
        CASE
          WHEN wanted IS DISTINCT FROM held OR server_id IS DISTINCT FROM held_server
            OR (wanted = 'link' AND link_cid IS DISTINCT FROM cid) THEN '-infinity'
          WHEN applied_version < wanted_version THEN '-infinity'
          WHEN NOT runs OR may_run IS FALSE THEN ends_at
          WHEN may_run IS NULL THEN create_at
          ELSE open_at
        END
      WHEN 'running' THEN
        CASE WHEN applied_version < wanted_version OR NOT confirmed THEN '-infinity' ELSE ends_at END
      WHEN 'cancelling' THEN '-infinity'
      ELSE CASE WHEN wanted <> 'none' AND applied_version < wanted_version THEN '-infinity'::timestamptz END
    END
  ) STORED
);
CREATE INDEX conference_by_due ON calendar.conference (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX conference_by_end ON calendar.conference (ends_at);
CREATE INDEX conference_by_cid ON calendar.conference (cid) WHERE cid IS NOT NULL;

-- Who is at work on a conference. Written outside the change lock: nobody but launchers reads it.
CREATE TABLE calendar.conference_claim (
  event_id uuid PRIMARY KEY REFERENCES calendar.conference ON DELETE CASCADE,
  owner uuid,
  token bigint NOT NULL DEFAULT 0,
  lease_until timestamptz,
  -- The step whose request may have been sent and whose outcome is not yet written; committed before the request.
  intent text,
  intent_server text,
  requested_at timestamptz,
  -- Failures in a row.
  attempts integer NOT NULL DEFAULT 0,
  -- Not before this, unless the planner has changed its mind since `retry_version`.
  retry_at timestamptz,
  retry_version bigint,
  -- Equals the conference's: a claim that saw an older conference row than this one's sees nothing.
  actual_version bigint NOT NULL DEFAULT 0
);

CREATE TABLE calendar.conference_log (
  log_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id uuid NOT NULL,
  server_id text,
  cid text,
  life integer NOT NULL,
  action text NOT NULL,
  from_state text,
  to_state text NOT NULL,
  due_at timestamptz,
  requested_at timestamptz,
  confirmed_at timestamptz,
  lateness_ms double precision,
  attempt integer NOT NULL DEFAULT 1,
  actor text NOT NULL,
  reason text,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX conference_log_by_event ON calendar.conference_log (event_id, log_id);
CREATE INDEX conference_log_by_time ON calendar.conference_log (at);

-- Addresses as TrueConf users, per server; a row without a user is a known miss, one without `checked_at` a question.
CREATE TABLE calendar.address_map (
  server_id text NOT NULL,
  address text NOT NULL,
  trueconf_id text,
  checked_at timestamptz,
  source text,
  -- Somebody asks the server until then.
  asked_until timestamptz,
  -- The answer is not yet in the plans of the events that it touches.
  unplanned boolean NOT NULL DEFAULT false,
  PRIMARY KEY (server_id, address)
);
CREATE INDEX address_map_unplanned ON calendar.address_map (address) WHERE unplanned;
CREATE INDEX address_map_by_check ON calendar.address_map (server_id, checked_at NULLS FIRST);

-- What a conference needs now, or null when it needs nothing yet. Steps without a request: withdraw, adopt, cancel,
-- letGo, miss, close, revive, acknowledge. The launcher's transition table says where each leads.
-- In plpgsql because an inlined body costs every query that asks for a step 50 ms of planning [measured].
CREATE FUNCTION calendar.next_step(
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

-- Writes the outcomes of claimed steps, each only while its token is still the claim's: whoever was overtaken writes
-- nothing. An outcome is {event_id, token, wanted_version, actual?, intent?, retry_ms?, attempts, log: […]}; without
-- `actual` the conference stays as it is and the change log is not locked. Returns the ids whose outcome was written.
CREATE FUNCTION calendar.settle_conferences(p_owner uuid, p_actor text, p_outcomes jsonb) RETURNS SETOF uuid
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
    retry_at = CASE
      WHEN o.retry_ms IS NULL THEN NULL
      WHEN c.state IN ('planned', 'ready') AND c.runs AND c.open_at > clock_timestamp()
        THEN least(clock_timestamp() + make_interval(secs => o.retry_ms / 1000), c.open_at)
      ELSE clock_timestamp() + make_interval(secs => o.retry_ms / 1000)
    END
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

-- Takes over what the planner wants, for as many events as are given; rows that are wanted as before are left alone.
-- Events of which nothing was ever wanted and which are over get no row. Returns how many rows changed.
CREATE FUNCTION calendar.plan_conferences(p_actor text, p_plans jsonb) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  changed integer;
BEGIN
  PERFORM calendar.lock_changes();
  WITH wish AS (
    SELECT p.* FROM jsonb_populate_recordset(NULL::calendar.conference, p_plans) p
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
    WHERE w.ends_at > clock_timestamp() OR w.event_id IN (SELECT event_id FROM before)
    ORDER BY w.event_id
    ON CONFLICT (event_id) DO UPDATE SET
      server_id = excluded.server_id, wanted = excluded.wanted, reason = excluded.reason, owner_id = excluded.owner_id,
      topic = excluded.topic, description = excluded.description, invitees = excluded.invitees,
      auto_invite = excluded.auto_invite, series_key = excluded.series_key, link_cid = excluded.link_cid,
      link_url = excluded.link_url, runs = excluded.runs, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
      create_at = excluded.create_at, open_at = excluded.open_at, give_up_at = excluded.give_up_at,
      wanted_version = c.wanted_version + 1
    WHERE (c.server_id, c.wanted, c.reason, c.owner_id, c.topic, c.description, c.invitees, c.auto_invite, c.series_key,
           c.link_cid, c.link_url, c.runs, c.starts_at, c.ends_at, c.create_at, c.open_at, c.give_up_at)
      IS DISTINCT FROM
          (excluded.server_id, excluded.wanted, excluded.reason, excluded.owner_id, excluded.topic, excluded.description,
           excluded.invitees, excluded.auto_invite, excluded.series_key, excluded.link_cid, excluded.link_url,
           excluded.runs, excluded.starts_at, excluded.ends_at, excluded.create_at, excluded.open_at, excluded.give_up_at)
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

-- Forgets conferences that ended long ago, with their part of the log.
CREATE FUNCTION calendar.prune_conferences(p_keep interval) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  removed integer;
BEGIN
  DELETE FROM calendar.conference_log WHERE at < clock_timestamp() - p_keep;
  IF NOT EXISTS (SELECT FROM calendar.conference WHERE ends_at < clock_timestamp() - p_keep) THEN RETURN 0; END IF;
  PERFORM calendar.lock_changes();
  DELETE FROM calendar.conference WHERE event_id IN (
    SELECT event_id FROM calendar.conference WHERE ends_at < clock_timestamp() - p_keep ORDER BY ends_at LIMIT 500);
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END
$$;

CREATE FUNCTION calendar.conference_written() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  head bigint;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    WITH logged AS (
      INSERT INTO calendar.change (kind, event_id, audience)
      SELECT 'conference', n.event_id, calendar.concerned(n.event_id, NULL, true, '{}')
      FROM new_rows n JOIN old_rows o USING (event_id)
      WHERE (n.server_id, n.wanted, n.reason, n.starts_at, n.create_at, n.open_at, n.wanted_version,
             n.state, n.confirmed, n.life, n.cid, n.url, n.app_url, n.failure)
        IS DISTINCT FROM
            (o.server_id, o.wanted, o.reason, o.starts_at, o.create_at, o.open_at, o.wanted_version,
             o.state, o.confirmed, o.life, o.cid, o.url, o.app_url, o.failure)
      ORDER BY n.event_id
      RETURNING seq
    )
    SELECT max(seq) INTO head FROM logged;
  ELSE
    WITH logged AS (
      INSERT INTO calendar.change (kind, event_id, audience)
      SELECT 'conference', n.event_id, calendar.concerned(n.event_id, NULL, true, '{}')
      FROM new_rows n ORDER BY n.event_id
      RETURNING seq
    )
    SELECT max(seq) INTO head FROM logged;
  END IF;
  IF head IS NOT NULL THEN PERFORM pg_notify('calendar_change', head::text); END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION calendar.conference_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  head bigint;
BEGIN
  WITH logged AS (
    INSERT INTO calendar.change (kind, event_id, audience)
    SELECT 'conference', o.event_id, calendar.concerned(o.event_id, NULL, true, '{}')
    FROM old_rows o ORDER BY o.event_id
    RETURNING seq
  )
  SELECT max(seq) INTO head FROM logged;
  IF head IS NOT NULL THEN PERFORM pg_notify('calendar_change', head::text); END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER conference_lock BEFORE INSERT OR UPDATE OR DELETE ON calendar.conference
  FOR EACH STATEMENT EXECUTE FUNCTION calendar.lock_changes_first();
CREATE TRIGGER conference_inserted AFTER INSERT ON calendar.conference
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION calendar.conference_written();
CREATE TRIGGER conference_updated AFTER UPDATE ON calendar.conference
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION calendar.conference_written();
CREATE TRIGGER conference_deleted AFTER DELETE ON calendar.conference
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION calendar.conference_deleted();
