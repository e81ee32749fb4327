-- breaking: true
-- The processes, their durable positions, and what several of them must count together.

CREATE TABLE calendar.worker (
  worker_id uuid PRIMARY KEY,
  kind text NOT NULL,
  host text NOT NULL,
  instance integer NOT NULL,
  pid integer NOT NULL,
  version text NOT NULL,
  -- SHA-256 of each configuration section that the process uses, and the id of its key: they must not differ.
  config_digests jsonb NOT NULL,
  key_id text,
  ops_address text,
  -- Canonical addresses that a sync worker's configuration lists.
  lists text[] NOT NULL DEFAULT '{}',
  draining boolean NOT NULL DEFAULT false,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The second channel: workers come, go and drain; an operator asks for a reload; a breaking migration was applied.
CREATE FUNCTION calendar.worker_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('calendar_worker', json_build_object('registry', coalesce(NEW.kind, OLD.kind))::text);
  RETURN NULL;
END
$$;
CREATE TRIGGER worker_came_or_went AFTER INSERT OR DELETE OR UPDATE OF draining, lists, config_digests ON calendar.worker
  FOR EACH ROW EXECUTE FUNCTION calendar.worker_changed();

CREATE TABLE calendar.consumer (
  name text PRIMARY KEY,
  epoch text NOT NULL,
  seq bigint NOT NULL,
  config_digest text NOT NULL DEFAULT '',
  full_pass_at timestamptz,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Sign-in state of Exchange service accounts, shared by all workers so that together they never lock an account out.
CREATE TABLE calendar.credential (
  provider text NOT NULL,
  login text NOT NULL,
  -- Of the password: a new one starts afresh. Keyed with a derived key, so it cannot be guessed from here.
  fingerprint text NOT NULL,
  failures integer NOT NULL DEFAULT 0,
  stopped_at timestamptz,
  last_error text,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (provider, login)
);

CREATE TABLE calendar.refresh_token (
  token_hash bytea PRIMARY KEY,
  server_id text NOT NULL,
  user_id text NOT NULL,
  issued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at timestamptz NOT NULL
);
CREATE INDEX refresh_token_by_user ON calendar.refresh_token (server_id, user_id);
CREATE INDEX refresh_token_by_expiry ON calendar.refresh_token (expires_at);

-- Brute-force counters for all gateways: `subject` is a hashed user or peer address.
CREATE TABLE calendar.auth_failure (
  subject text PRIMARY KEY,
  failures integer NOT NULL,
  window_ends_at timestamptz NOT NULL
);
