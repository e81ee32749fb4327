-- breaking: true
-- The cache: mailboxes, the occurrences in them, and who is meant by the addresses in those.

-- Aliases lead straight to the person: calendar.flatten_aliases keeps chains out.
CREATE TABLE calendar.person_address (
  alias text PRIMARY KEY,
  canonical text NOT NULL CHECK (canonical <> alias),
  source text NOT NULL,
  checked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE calendar.group_member (
  list text NOT NULL,
  member text NOT NULL,
  checked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (list, member)
);
CREATE INDEX person_address_by_person ON calendar.person_address (canonical);

CREATE TABLE calendar.mailbox (
  mailbox_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  provider text NOT NULL,
  address text NOT NULL UNIQUE,
  -- The person behind the address: `address` itself unless it is a known alias.
  owner text NOT NULL,
  status text NOT NULL DEFAULT 'new' CHECK (status IN ('new', 'ok', 'stale', 'denied')),
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
  last_error text,
  last_error_at timestamptz,
  synced_at timestamptz,
  next_sync_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- No live worker's configuration lists it since then.
  delisted_at timestamptz,
  -- An administrator agreed to lose it although many go at once.
  removal_confirmed boolean NOT NULL DEFAULT false,
  lease_owner uuid,
  lease_token bigint NOT NULL DEFAULT 0,
  lease_until timestamptz
);
CREATE INDEX mailbox_owner ON calendar.mailbox (owner);
CREATE INDEX mailbox_due ON calendar.mailbox (next_sync_at);
CREATE INDEX mailbox_group ON calendar.mailbox (sync_group);

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
  is_meeting boolean NOT NULL,
  is_cancelled boolean NOT NULL,
  categories text[] NOT NULL,
  reminder_minutes integer,
  join_links text[] NOT NULL,
  owa_url text,
  series_text text,
  last_modified timestamptz NOT NULL,
  -- Of what a calendar view says of the item: where it is the same, no details need be fetched.
  view_digest text NOT NULL,
  -- Of all that the sync worker wrote: a row whose digest is the same needs no write.
  digest text NOT NULL,
  previous_start timestamptz,
  changed_fields text[] NOT NULL DEFAULT '{}',
  -- Derived from the addresses above and from what is known of aliases and lists (calendar.name_people).
  organizer_person text,
  is_organizer_copy boolean NOT NULL,
  -- The people behind `attendees`, in the same order.
  attendee_people text[] NOT NULL,
  audience text[] NOT NULL,
  -- Tombstone: Exchange no longer has it. It stays until its end leaves the window.
  gone_at timestamptz,
  PRIMARY KEY (event_id, mailbox_id),
  CHECK (end_at >= start_at),
  CHECK (all_day = (start_date IS NOT NULL AND end_date IS NOT NULL))
);
CREATE INDEX event_by_start ON calendar.event (mailbox_id, start_at);
CREATE INDEX event_by_item ON calendar.event (mailbox_id, item_id);
CREATE INDEX event_by_end ON calendar.event (end_at);
-- Without a pending list: whoever would have to empty it holds the lock of the log meanwhile.
CREATE INDEX event_by_audience ON calendar.event USING gin (audience) WITH (fastupdate = off);

CREATE FUNCTION calendar.canonical(p_address text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT coalesce((SELECT canonical FROM calendar.person_address WHERE alias = p_address), p_address)
$$;

-- The people whom copies name, given as arrays of the same length; `place` counts from 1. The audience are all who may
-- come to see the event through the copy: its owner, organizer and attendees, the lists among them and their members
-- (at most ten levels deep), as canonical addresses in order.
CREATE FUNCTION calendar.people_named(p_owners text[], p_organizers text[], p_attendees jsonb[])
RETURNS TABLE (place bigint, organizer_person text, is_organizer_copy boolean, attendee_people text[], audience text[])
LANGUAGE sql STABLE ROWS 500 AS $$
  WITH RECURSIVE copy AS MATERIALIZED (
    SELECT c.place, c.owner, c.organizer, c.attendees
    FROM unnest(p_owners, p_organizers, p_attendees) WITH ORDINALITY AS c (owner, organizer, attendees, place)
  ), attendee AS MATERIALIZED (
    SELECT c.place, a.nth, a.attendee ->> 'address' AS address
    FROM copy c, jsonb_array_elements(c.attendees) WITH ORDINALITY AS a (attendee, nth)
  ), member (place, address, depth) AS (
    (SELECT c.place, c.owner, 0 FROM copy c
     UNION SELECT c.place, c.organizer, 0 FROM copy c WHERE c.organizer IS NOT NULL
     UNION SELECT a.place, a.address, 0 FROM attendee a WHERE a.address IS NOT NULL)
    UNION
    SELECT m.place, g.member, m.depth + 1
    FROM member m
    LEFT JOIN calendar.person_address p ON p.alias = m.address
    JOIN calendar.group_member g ON g.list = ANY (ARRAY[m.address, p.canonical])
    WHERE m.depth < 10
  ), audience AS (
    SELECT person.place, array_agg(person.address ORDER BY person.address) AS people
    FROM (
      SELECT DISTINCT m.place, coalesce(p.canonical, m.address) AS address
      FROM member m LEFT JOIN calendar.person_address p ON p.alias = m.address
    ) person
    GROUP BY person.place
  ), attending AS (
    SELECT a.place, array_agg(coalesce(p.canonical, a.address, '') ORDER BY a.nth) AS people
    FROM attendee a LEFT JOIN calendar.person_address p ON p.alias = a.address
    GROUP BY a.place
  )
  SELECT place, coalesce(o.canonical, c.organizer), coalesce(coalesce(o.canonical, c.organizer) = c.owner, false),
         coalesce(a.people, '{}'), n.people
  -- FULL: never planned as nested loops, however few rows the planner expects.
  FROM copy c
  FULL JOIN audience n USING (place)
  FULL JOIN attending a USING (place)
  LEFT JOIN calendar.person_address o ON o.alias = c.organizer
$$;
