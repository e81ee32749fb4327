-- breaking: true
-- stores: conference_step 2d461baf60e4d583
-- stores: conference_step_at 305381e019092d6b
-- stores: local_steps 7a5b658d33983399
-- stores: start_at 0dd7b0f811e1988d
-- stores: server_steps 67d45eb3f3c8e6f2
-- The tables, types, constraints, indexes and triggers. Functions stand in sql/functions.

-- What there is one of: the identity of this database's history, its salt, and how far the change log was pruned.

CREATE TABLE calendar.meta (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  -- Renewed by `calendar.renew_epoch()` when the log is known to have gone back (a restored backup).
  history_id uuid NOT NULL DEFAULT gen_random_uuid(),
  -- Makes conference ids repeatable for us and unguessable for others.
  salt bytea NOT NULL DEFAULT uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()),
  pruned_seq bigint NOT NULL DEFAULT 0,
  -- Workers built for an older schema than this one leave (exit code 57).
  breaking_version integer NOT NULL DEFAULT 1,
  -- When a launcher was first allowed to start conferences; what began before is never started.
  launching_since timestamptz
);
INSERT INTO calendar.meta DEFAULT VALUES;

-- The sets of functions (sql/functions) that this database has had, the present one last. A worker whose set is the last
-- one goes on; one whose set is an earlier one is of an older build; one whose set is missing here needs a migration.
CREATE TABLE calendar.function_set (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  digest text NOT NULL UNIQUE,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- The cache: mailboxes, the occurrences in them, and who is meant by the addresses in those.

-- Aliases lead straight to the person: calendar.flatten_aliases keeps chains out.
CREATE TABLE calendar.person_address (
  alias text PRIMARY KEY,
  canonical text NOT NULL CHECK (canonical <> alias),
  source text NOT NULL,
  checked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX person_address_by_person ON calendar.person_address (canonical);

CREATE TABLE calendar.group_member (
  list text NOT NULL,
  member text NOT NULL,
  checked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (list, member)
);

CREATE TABLE calendar.mailbox (
  mailbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider text NOT NULL,
  address text NOT NULL UNIQUE,
  -- The person behind the address: `address` itself unless it is a known alias.
  owner text NOT NULL,
  status text NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'ok', 'suspect', 'stale', 'denied')),
  folder_id text COLLATE "C",
  sync_state text COLLATE "C" CHECK (sync_state <> ''),
  window_from timestamptz,
  window_to timestamptz,
  -- Exchange's clock at first contact: with `autoSync: false` older items are left out.
  activated_at timestamptz,
  -- The first bootstrap was completed: from here on the owner sees this copy and no other.
  cached_at timestamptz,
  auto_sync boolean,
  sync_group text,
  failures integer NOT NULL DEFAULT 0,
  -- The last failure as codes, without content; all null after a success. The code is set whenever one happened, the rest
  -- where it is known: the class that decides what follows, the server's own code or status, and what it was asked to do.
  error_code text,
  error_class text,
  error_detail text,
  error_operation text,
  error_at timestamptz,
  -- The server does not have the mailbox, or not for long: Autodiscover knows where it is.
  lost boolean NOT NULL DEFAULT false,
  -- When a sync last ended whose view was believed. It stays as it was while the mailbox is suspect.
  synced_at timestamptz,
  next_sync_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- No live worker's configuration lists it since then.
  delisted_at timestamptz,
  -- An administrator agreed to lose it although many go at once.
  removal_confirmed boolean NOT NULL DEFAULT false,
  lease_owner uuid,
  lease_token bigint NOT NULL DEFAULT 0,
  lease_until timestamptz,
  -- Something is known to have happened in the mailbox: its sync is due at this moment, whatever its poll says. A claim
  -- takes the mark away; one that comes while the sync runs stays, so that exactly one more sync follows.
  wanted_at timestamptz,
  -- Its server asked to be left alone about it: nobody synchronizes it before, whatever else makes it due.
  held_until timestamptz,
  -- Items of its calendar that could not be read when they were last asked for, and how often they were asked for again.
  unread_items integer NOT NULL DEFAULT 0,
  unread_tries integer NOT NULL DEFAULT 0,
  -- From then on a sync reads the whole window although the server tells of no change: items could not be read, or a loss
  -- is not believed yet. Null: nothing asks for it.
  reread_at timestamptz,
  -- A complete view lacked so much that it is not believed: since when, how many views a quarter of an hour apart agree on it,
  -- the ids of the events to come that were missing, and of how many. All null while the views are believed.
  suspect_since timestamptz,
  suspect_views integer,
  suspect_lost uuid[],
  suspect_of integer,
  -- An administrator agreed to lose them.
  suspect_confirmed boolean NOT NULL DEFAULT false,
  -- Where it is, as Autodiscover tells. Mailboxes of one grouping are served by the same machines, and so can share a
  -- stream (docs/reference/exchange.md §6.8); null: not told.
  grouping text,
  -- Where it is read, if not at its provider's own address: it was moved there.
  ews_url text,
  -- When Autodiscover is to be asked next.
  place_due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT mailbox_suspect_check CHECK (
    num_nulls(suspect_since, suspect_views, suspect_lost, suspect_of) IN (0, 4)
    AND (suspect_since IS NOT NULL OR NOT suspect_confirmed))
)
-- Each sync updates its row twice. The claim changes nothing that is indexed and so finds room on its page; the end of the
-- sync moves `next_sync_at`. With this room and early vacuums the table keeps its size.
WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX mailbox_owner ON calendar.mailbox (owner);
CREATE INDEX mailbox_due ON calendar.mailbox (next_sync_at);
CREATE INDEX mailbox_group ON calendar.mailbox (sync_group);
CREATE INDEX mailbox_delisted ON calendar.mailbox (delisted_at) WHERE delisted_at IS NOT NULL;
CREATE INDEX mailbox_place_due ON calendar.mailbox (provider, place_due_at) WHERE delisted_at IS NULL;
CREATE INDEX mailbox_moved ON calendar.mailbox (provider) WHERE ews_url IS NOT NULL;
CREATE INDEX mailbox_wanted ON calendar.mailbox (wanted_at) WHERE wanted_at IS NOT NULL;

CREATE TABLE calendar.event (
  event_id uuid NOT NULL,
  mailbox_id bigint NOT NULL REFERENCES calendar.mailbox ON DELETE CASCADE,
  uid text,
  original_start timestamptz,
  item_id text COLLATE "C" NOT NULL,
  series_id text COLLATE "C",
  kind text NOT NULL CHECK (kind IN ('single', 'occurrence', 'exception')),
  subject text NOT NULL,
  start_at timestamptz NOT NULL,
  end_at timestamptz NOT NULL,
  all_day boolean NOT NULL,
  start_date date,
  end_date date,
  time_zone text NOT NULL,
  location text NOT NULL,
  preview text NOT NULL CHECK (char_length(preview) <= 255),
  organizer_address text,
  organizer_name text NOT NULL,
  attendees jsonb NOT NULL,
  my_response text NOT NULL,
  free_busy text NOT NULL,
  sensitivity text NOT NULL,
  -- What `isPrivate` of calendar-model says of the sensitivity: whole only for the owner of the copy.
  is_private boolean NOT NULL,
  is_meeting boolean NOT NULL,
  is_cancelled boolean NOT NULL,
  categories text[] NOT NULL,
  reminder_minutes integer,
  join_links text[] NOT NULL,
  owa_url text,
  series_text text,
  last_modified timestamptz NOT NULL,
  -- Where attendees, text and links come from: `read` with this state of the event; `kept`, of an earlier state, since
  -- those of this one could not be read; `missing`, they were never read, and nobody knows who is invited.
  details text NOT NULL DEFAULT 'read' CHECK (details IN ('read', 'kept', 'missing')),
  -- Another meeting in this mailbox has the same UID and key, and the id that is made of them: this one. Null for that one
  -- and for everything else.
  duplicate_of uuid CHECK (duplicate_of <> event_id),
  -- Which of the organizer's invitations this copy is of (RFC 5546 §2.1.5). null where the server does not say.
  sequence integer,
  stamp timestamptz,
  -- Of a guest's copy that differs from that invitation since its owner changed it: what the invitation said, as
  -- calendar.invitation writes it.
  invited jsonb,
  -- Of what a calendar view says of the item: where it is the same, no details need be fetched.
  view_digest text NOT NULL,
  -- Of all that the sync worker wrote: a row whose digest is the same needs no write.
  digest text NOT NULL,
  previous_start timestamptz,
  changed_fields text[] NOT NULL DEFAULT '{}',
  -- Derived from the addresses above and from what is known of aliases and lists (calendar.name_people).
  organizer_person text,
  is_organizer_copy boolean NOT NULL,
  -- Its owner is a room or device.
  is_room_copy boolean NOT NULL,
  -- The one copy of the event that speaks for it (calendar.choose_speakers).
  speaks boolean NOT NULL DEFAULT false,
  -- The people behind `attendees`, in the same order.
  attendee_people text[] NOT NULL,
  audience text[] NOT NULL,
  -- Copies of one event nearly always have the same audience: by this it is known without reading a list of hundreds in each.
  audience_key bigint NOT NULL GENERATED ALWAYS AS (hash_array_extended(audience, 0)) STORED,
  -- The same for the list of attendees as it is shown.
  attendees_key bigint NOT NULL GENERATED ALWAYS AS (jsonb_hash_extended(attendees, hash_array_extended(attendee_people, 0))) STORED,
  -- Tombstone: Exchange no longer has it. It stays until its end leaves the window.
  gone_at timestamptz,
  PRIMARY KEY (event_id, mailbox_id),
  CHECK (end_at >= start_at),
  CHECK (all_day = (start_date IS NOT NULL AND end_date IS NOT NULL))
)
-- Most changes are answers, which touch nothing that is indexed: with room on its page such a change costs no index an entry.
WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);
CREATE INDEX event_by_start ON calendar.event (mailbox_id, start_at);
CREATE UNIQUE INDEX event_speaking ON calendar.event (event_id) WHERE speaks;
CREATE INDEX event_by_item ON calendar.event (mailbox_id, item_id);
CREATE INDEX event_by_end ON calendar.event (end_at);
CREATE INDEX event_private ON calendar.event (mailbox_id) WHERE is_private;
-- Each viewer of an event is shown what this copy knows of the others' answers: found without going through all copies.
CREATE INDEX event_of_organizer ON calendar.event (event_id, mailbox_id) WHERE is_organizer_copy;
CREATE INDEX event_by_list ON calendar.event (event_id, audience_key);

-- The lists of people that copies of an event have, each once, kept by the triggers of `event`. People are looked for here:
-- an index over the people of all copies has N times N names for a meeting of N, and each change of a copy enters N of them.
CREATE TABLE calendar.event_audience (
  event_id uuid NOT NULL,
  audience_key bigint NOT NULL,
  audience text[] NOT NULL,
  PRIMARY KEY (event_id, audience_key)
);
-- Without a pending list: whoever would have to empty it holds the lock of the log meanwhile.
CREATE INDEX event_audience_by_person ON calendar.event_audience USING gin (audience) WITH (fastupdate = off);

-- What calendar servers say of the people, lists and rooms that calendars name. The answers are kept here for all workers;
-- what follows from them for events stands in person_address and group_member.

CREATE TABLE calendar.directory_entry (
  provider text NOT NULL,
  -- As calendars name it: a canonical SMTP address, a legacy distinguished name (`/o=…`), `name:` and a display name, or
  -- `rooms:` for all rooms that the provider tells.
  address text NOT NULL,
  -- null: not answered yet
  kind text CHECK (kind IN ('person', 'list', 'rooms', 'unknown', 'ambiguous')),
  -- Canonical primary SMTP address of a person or list.
  person text,
  -- One level of a list, or the rooms. Only of entries that are named by their primary address.
  members text[] NOT NULL DEFAULT '{}',
  -- With all that is in its lists it has more members than are kept: it stays a list, and none are.
  too_large boolean NOT NULL DEFAULT false,
  -- Answers in a row that know nothing of what was known before.
  misses integer NOT NULL DEFAULT 0,
  checked_at timestamptz,
  -- Somebody asks until then, or it was put off until then.
  asked_until timestamptz,
  -- As what an answer is good for a while: what knows nothing, or may have been a chance, is asked about again sooner.
  good_as text NOT NULL GENERATED ALWAYS AS (CASE
    WHEN misses > 0 OR kind IN ('unknown', 'ambiguous') THEN 'miss'
    WHEN kind IN ('list', 'rooms') THEN kind
    ELSE 'person' END) STORED,
  PRIMARY KEY (provider, address)
);
-- By these questions and outdated answers are found, whatever else is known.
CREATE INDEX directory_entry_unanswered ON calendar.directory_entry (provider, (coalesce(asked_until, '-infinity')), address)
  WHERE checked_at IS NULL;
CREATE INDEX directory_entry_by_check ON calendar.directory_entry (provider, good_as, checked_at);
CREATE INDEX directory_entry_by_address ON calendar.directory_entry (address);
CREATE INDEX directory_entry_by_person ON calendar.directory_entry (person);
CREATE INDEX directory_entry_by_member ON calendar.directory_entry USING gin (members) WHERE kind = 'list';

-- Addresses whose copies are yet to be derived anew, and how far that has gone. A list of hundreds in thousands of copies is
-- millions of entries in indexes: nobody may hold the lock of the change log for so long.
CREATE TABLE calendar.naming (
  address text PRIMARY KEY,
  after_event uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
  after_mailbox bigint NOT NULL DEFAULT 0
);

-- The ordered change log and the triggers that write it. NOTIFY is a hint that carries the newest position only.

CREATE TABLE calendar.change (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('event', 'gone', 'aged', 'mailbox', 'viewer', 'conference')),
  event_id uuid,
  mailbox_id bigint,
  -- Canonical addresses of those whose view may differ.
  audience text[] NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX change_by_audience ON calendar.change USING gin (audience) WITH (fastupdate = off);
CREATE INDEX change_by_time ON calendar.change (at);

-- Something that became different: a copy of an event, or (without a mailbox) what else shows with the event.
CREATE TYPE calendar.difference AS (
  kind text,
  event_id uuid,
  mailbox_id bigint,
  start_at timestamptz,
  -- It shows in everybody's view: it is, or was, the organizer's copy, or is no copy.
  shows_to_all boolean,
  -- Of the copy, before and after.
  audience text[]
);

CREATE TRIGGER event_lock BEFORE INSERT OR UPDATE OR DELETE ON calendar.event
  FOR EACH STATEMENT EXECUTE FUNCTION calendar.lock_changes_first();
CREATE TRIGGER event_inserted AFTER INSERT ON calendar.event
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION calendar.event_inserted();
CREATE TRIGGER event_updated AFTER UPDATE ON calendar.event
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION calendar.event_updated();
CREATE TRIGGER event_deleted AFTER DELETE ON calendar.event
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION calendar.event_deleted();

CREATE TRIGGER mailbox_lock BEFORE INSERT OR DELETE OR UPDATE OF cached_at, owner ON calendar.mailbox
  FOR EACH STATEMENT EXECUTE FUNCTION calendar.lock_changes_first();
CREATE TRIGGER mailbox_owner BEFORE INSERT ON calendar.mailbox
  FOR EACH ROW EXECUTE FUNCTION calendar.name_owner();
CREATE TRIGGER mailbox_changed AFTER INSERT OR DELETE OR UPDATE OF cached_at, owner ON calendar.mailbox
  FOR EACH ROW EXECUTE FUNCTION calendar.mailbox_changed();

-- Rows alone that came to be another part of the registry: the columns of a poll change with every sync.
CREATE TRIGGER mailbox_registered AFTER INSERT OR DELETE ON calendar.mailbox
  FOR EACH STATEMENT EXECUTE FUNCTION calendar.notify_mailboxes();
CREATE TRIGGER mailbox_reregistered
  AFTER UPDATE OF provider, sync_group, delisted_at, removal_confirmed, cached_at, status, error_code ON calendar.mailbox
  FOR EACH ROW WHEN (
    (OLD.provider, OLD.sync_group, OLD.delisted_at, OLD.removal_confirmed, OLD.cached_at IS NULL, OLD.status = 'denied', OLD.error_code IS NULL)
    IS DISTINCT FROM
    (NEW.provider, NEW.sync_group, NEW.delisted_at, NEW.removal_confirmed, NEW.cached_at IS NULL, NEW.status = 'denied', NEW.error_code IS NULL))
  EXECUTE FUNCTION calendar.notify_mailboxes();

CREATE TRIGGER person_address_lock BEFORE INSERT OR DELETE OR UPDATE OF alias, canonical ON calendar.person_address
  FOR EACH STATEMENT EXECUTE FUNCTION calendar.lock_changes_first();
CREATE TRIGGER person_address_flat BEFORE INSERT OR UPDATE OF canonical ON calendar.person_address
  FOR EACH ROW EXECUTE FUNCTION calendar.flatten_aliases();
CREATE TRIGGER person_address_inserted AFTER INSERT ON calendar.person_address
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION calendar.person_address_changed();
CREATE TRIGGER person_address_updated AFTER UPDATE ON calendar.person_address
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION calendar.person_address_changed();
CREATE TRIGGER person_address_deleted AFTER DELETE ON calendar.person_address
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION calendar.person_address_changed();

CREATE TRIGGER group_member_lock BEFORE INSERT OR DELETE OR UPDATE OF list, member ON calendar.group_member
  FOR EACH STATEMENT EXECUTE FUNCTION calendar.lock_changes_first();
CREATE TRIGGER group_member_inserted AFTER INSERT ON calendar.group_member
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION calendar.group_member_changed();
CREATE TRIGGER group_member_updated AFTER UPDATE ON calendar.group_member
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION calendar.group_member_changed();
CREATE TRIGGER group_member_deleted AFTER DELETE ON calendar.group_member
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION calendar.group_member_changed();

-- What should be in TrueConf for an event, what is there, who is at work on it, and the proof of what was done.

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

  -- When a step that asks no server is due next, and when one that asks a server, by the facts of this row alone; null:
  -- never. Whatever the rules are and whichever intent is open: what is due by them is due by these.
  local_due_at timestamptz GENERATED ALWAYS AS (calendar.conference_step_at(
    state, wanted, held, server_id, held_server, link_cid, cid, runs, may_run, confirmed, applied_version, wanted_version,
    create_at, open_at, give_up_at, ends_at, NULL, NULL, false, false, '-infinity', calendar.local_steps()
  )) STORED,
  server_due_at timestamptz GENERATED ALWAYS AS (calendar.conference_step_at(
    state, wanted, held, server_id, held_server, link_cid, cid, runs, may_run, confirmed, applied_version, wanted_version,
    create_at, open_at, give_up_at, ends_at, NULL, NULL, true, true, '-infinity', calendar.server_steps()
  )) STORED
);
CREATE INDEX conference_by_local_due ON calendar.conference (local_due_at, open_at) WHERE local_due_at IS NOT NULL;
-- A server's part, so that nobody reads past what is due on others.
CREATE INDEX conference_by_server_due ON calendar.conference ((coalesce(held_server, server_id)), state, server_due_at, open_at)
  WHERE server_due_at IS NOT NULL;
CREATE INDEX conference_by_start ON calendar.conference
  ((coalesce(held_server, server_id)), (calendar.start_at(runs, may_run, open_at))) WHERE state = 'ready';
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
CREATE INDEX conference_claim_by_intent ON calendar.conference_claim (intent, intent_server) WHERE intent IS NOT NULL;

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
CREATE INDEX address_map_unanswered ON calendar.address_map (server_id, (coalesce(asked_until, '-infinity')), address)
  WHERE checked_at IS NULL;
CREATE INDEX address_map_by_check ON calendar.address_map (server_id, (trueconf_id IS NULL), checked_at);

CREATE TRIGGER conference_lock BEFORE INSERT OR UPDATE OR DELETE ON calendar.conference
  FOR EACH STATEMENT EXECUTE FUNCTION calendar.lock_changes_first();
CREATE TRIGGER conference_inserted AFTER INSERT ON calendar.conference
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION calendar.conference_written();
CREATE TRIGGER conference_updated AFTER UPDATE ON calendar.conference
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION calendar.conference_written();
CREATE TRIGGER conference_deleted AFTER DELETE ON calendar.conference
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION calendar.conference_deleted();

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

CREATE TRIGGER worker_came_or_went AFTER INSERT OR DELETE OR UPDATE OF draining, lists, config_digests ON calendar.worker
  FOR EACH ROW EXECUTE FUNCTION calendar.worker_changed();

-- A reader of the change log that several processes share: one of them at a time holds its row. It also keeps how far a full
-- pass is, which goes page by page beside the changes.
CREATE TABLE calendar.consumer (
  name text PRIMARY KEY,
  epoch text NOT NULL,
  seq bigint NOT NULL,
  -- By which rules the last complete pass planned, and when it ended.
  config_digest text NOT NULL DEFAULT '',
  full_pass_at timestamptz,
  -- By which rules the pass under way plans; null while none is under way.
  pass_digest text,
  -- Last event of the last page; null while the first page is still to come.
  pass_after uuid,
  pass_events integer,
  pass_began_at timestamptz,
  -- When its last page was planned, or it began.
  pass_moved_at timestamptz,
  -- Something was planned by other rules since the pass (the last one, if none is under way) began.
  mixed_rules boolean NOT NULL DEFAULT false,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT consumer_pass_check CHECK (
    num_nulls(pass_digest, pass_events, pass_began_at, pass_moved_at) IN (0, 4)
    AND (pass_after IS NULL OR pass_digest IS NOT NULL))
);

-- Events that could not be planned. Planners plan them one by one, apart from all others.
CREATE TABLE calendar.set_aside_event (
  event_id uuid PRIMARY KEY,
  -- Of the last failure: an SQLSTATE, or the code or name of an error.
  reason text NOT NULL,
  -- In a row.
  failures integer NOT NULL DEFAULT 1,
  since timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- When it is tried again. While a launcher tries, this is when that attempt counts as lost.
  retry_at timestamptz NOT NULL,
  -- Raised whenever something that it is planned by may have changed: a plan made before is not the last one.
  marks bigint NOT NULL DEFAULT 0
);

-- Sign-in state of Exchange service accounts, shared by all workers so that together they never lock an account out.
-- A password is part of what is counted: workers with different wrong ones leave each other's count alone. The directory
-- locks an account after a few refusals, so all workers together never have more uses of a password under way than may
-- still be refused: each use needs one of three permits, and a refusal takes its permit away.
CREATE TABLE calendar.credential (
  provider text NOT NULL,
  login text NOT NULL,
  -- Of the password: a new one starts afresh. Keyed with a derived key, so it cannot be guessed from here.
  fingerprint text NOT NULL,
  failures integer NOT NULL DEFAULT 0,
  stopped_at timestamptz,
  last_error text,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  refused_at timestamptz,
  -- The password was right for a use that began then.
  accepted_at timestamptz,
  -- Uses whose outcome nobody saw: they may have been refusals. Forgotten half an hour after the last of them.
  unseen integer NOT NULL DEFAULT 0,
  unseen_at timestamptz,
  -- Somebody last found no permit.
  wanted_at timestamptz,
  PRIMARY KEY (provider, login, fingerprint)
);

CREATE TABLE calendar.sign_in_permit (
  permit uuid PRIMARY KEY,
  provider text NOT NULL,
  login text NOT NULL,
  fingerprint text NOT NULL,
  -- A worker that does not renew it until then has died.
  until timestamptz NOT NULL,
  FOREIGN KEY (provider, login, fingerprint) REFERENCES calendar.credential ON DELETE CASCADE
);
CREATE INDEX sign_in_permit_by_credential ON calendar.sign_in_permit (provider, login, fingerprint);

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
CREATE INDEX auth_failure_by_end ON calendar.auth_failure (window_ends_at);

-- A copy as it is shown to a viewer. `organizerAttendees` are the attendees as the organizer's own live copy has them,
-- with the people behind the addresses: once for each such copy, which `organizerCopy` names (its mailbox), and only
-- where the copy shown is not that copy.
CREATE TYPE calendar.shown_copy AS (
  viewer text, "eventId" uuid, own boolean, masked boolean, uid text, kind text, subject text, start timestamptz,
  "end" timestamptz, "allDay" boolean, "startDate" text, "endDate" text, "timeZone" text, location text, preview text,
  "organizerAddress" text, "organizerName" text, "organizerPerson" text, "isOrganizerCopy" boolean, "attendeesKey" text,
  attendees jsonb, "attendeePeople" text[], "organizerCopy" text, "organizerAttendees" jsonb, "organizerAttendeePeople" text[], "myResponse" text,
  "freeBusy" text, sensitivity text, "seriesText" text, "isMeeting" boolean, "isCancelled" boolean, categories text[],
  "reminderMinutes" integer, "joinLinks" text[], "owaUrl" text, "previousStart" timestamptz, "changedFields" text[],
  conference jsonb
);
