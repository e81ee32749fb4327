-- breaking: true
-- What should be in TrueConf for an event, what is there, who is at work on it, and the proof of what was done.

CREATE TABLE calendar.conference (
  event_id uuid PRIMARY KEY,

  -- Wanted: written by the planner only, which raises `wanted_version` whenever anything here changes.
  server_id text,
  wanted text NOT NULL CHECK (wanted IN ('own', 'link', 'none')),
  -- Why nothing is wanted, or why a linked conference is shown but not run; null when there is nothing to explain.
  reason text,
  owner_id text,
  topic text,
  description text,
  -- [{"id": TrueConf ID, "address": …}] of everybody to be invited, the owner included.
  invitees jsonb NOT NULL DEFAULT '[]',
  auto_invite boolean NOT NULL DEFAULT true,
  link_cid text,
  link_url text,
  -- False with `launchConference: false`, for links of others and in a dry run.
  runs boolean NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  create_at timestamptz NOT NULL,
  open_at timestamptz NOT NULL,
  give_up_at timestamptz NOT NULL,
  wanted_version bigint NOT NULL DEFAULT 1,

  -- Actual: written by the runner only.
  state text NOT NULL DEFAULT 'planned'
    CHECK (state IN ('planned', 'ready', 'running', 'cancelling', 'ended', 'cancelled', 'missed', 'failed')),
  confirmed boolean NOT NULL DEFAULT false,
  life integer NOT NULL DEFAULT 1,
  cid text,
  url text,
  app_url text,
  applied_version bigint NOT NULL DEFAULT 0,
  failure text,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE calendar.conference_claim (
  event_id uuid PRIMARY KEY REFERENCES calendar.conference ON DELETE CASCADE,
  owner uuid,
  token bigint NOT NULL DEFAULT 0,
  lease_until timestamptz,
  intent text,
  requested_at timestamptz,
  attempts integer NOT NULL DEFAULT 0,
  retry_at timestamptz
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
  PRIMARY KEY (server_id, address)
);

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
