-- breaking: false
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
  PRIMARY KEY (provider, address)
);
CREATE INDEX directory_entry_by_check ON calendar.directory_entry (provider, checked_at NULLS FIRST);
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

-- Derives anew whom some copies name, given as arrays of the same length.
CREATE FUNCTION calendar.name_copies(p_event_ids uuid[], p_mailbox_ids bigint[]) RETURNS void LANGUAGE sql AS $$
  WITH copy AS MATERIALIZED (
    SELECT c.event_id, c.mailbox_id, m.owner, c.organizer_address, c.attendees,
           row_number() OVER (ORDER BY c.event_id, c.mailbox_id) AS place
    FROM unnest(p_event_ids, p_mailbox_ids) AS given (event_id, mailbox_id)
    JOIN calendar.event c USING (event_id, mailbox_id) JOIN calendar.mailbox m USING (mailbox_id)
  ), named AS MATERIALIZED (
    SELECT n.* FROM (
      SELECT array_agg(owner ORDER BY place) AS owners, array_agg(organizer_address ORDER BY place) AS organizers,
             array_agg(attendees ORDER BY place) AS attendees
      FROM copy
    ) c, calendar.people_named(c.owners, c.organizers, c.attendees) n
  )
  UPDATE calendar.event e
  SET audience = n.audience, attendee_people = n.attendee_people,
      organizer_person = n.organizer_person, is_organizer_copy = n.is_organizer_copy
  FROM copy c FULL JOIN named n USING (place)
  WHERE e.event_id = c.event_id AND e.mailbox_id = c.mailbox_id
    AND (e.audience, e.attendee_people, e.organizer_person, e.is_organizer_copy)
      IS DISTINCT FROM (n.audience, n.attendee_people, n.organizer_person, n.is_organizer_copy)
$$;

-- Derives anew whom the next copies name that wait for it, at most `p_most`. Returns whether there were any to look for.
CREATE FUNCTION calendar.name_waiting(p_most integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  turn calendar.naming;
  events uuid[];
  boxes bigint[];
BEGIN
  IF NOT EXISTS (SELECT FROM calendar.naming) THEN RETURN false; END IF;
  PERFORM calendar.lock_changes();
  SELECT * INTO turn FROM calendar.naming ORDER BY address LIMIT 1 FOR UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  SELECT array_agg(c.event_id ORDER BY c.event_id, c.mailbox_id), array_agg(c.mailbox_id ORDER BY c.event_id, c.mailbox_id)
  INTO events, boxes
  FROM (
    SELECT e.event_id, e.mailbox_id FROM calendar.event e
    WHERE e.audience @> ARRAY[turn.address] AND (e.event_id, e.mailbox_id) > (turn.after_event, turn.after_mailbox)
    ORDER BY e.event_id, e.mailbox_id LIMIT p_most
  ) c;
  IF events IS NOT NULL THEN PERFORM calendar.name_copies(events, boxes); END IF;
  IF coalesce(cardinality(events), 0) < p_most THEN
    DELETE FROM calendar.naming WHERE address = turn.address;
  ELSE
    UPDATE calendar.naming SET after_event = events[p_most], after_mailbox = boxes[p_most] WHERE address = turn.address;
  END IF;
  RETURN true;
END
$$;

-- Derives anew who is meant by some addresses, wherever they are named, and tells `p_told` besides the people behind them.
-- Answers of a directory leave the copies to calendar.name_waiting.
CREATE FUNCTION calendar.name_addresses(p_addresses text[], p_told text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM calendar.mailbox WHERE address = ANY (p_addresses) ORDER BY mailbox_id FOR UPDATE;
  UPDATE calendar.mailbox SET owner = calendar.canonical(address)
  WHERE address = ANY (p_addresses) AND owner <> calendar.canonical(address);
  IF current_setting('calendar.naming', true) = 'later' THEN
    INSERT INTO calendar.naming (address) SELECT DISTINCT unnest(p_addresses) ORDER BY 1
    ON CONFLICT (address) DO UPDATE SET after_event = excluded.after_event, after_mailbox = excluded.after_mailbox;
  ELSE
    PERFORM calendar.name_copies(array_agg(e.event_id), array_agg(e.mailbox_id))
    FROM calendar.event e WHERE e.audience && p_addresses;
  END IF;
  PERFORM calendar.log_view_change('viewer', NULL, ARRAY(
    SELECT a FROM (SELECT unnest(p_addresses || p_told) UNION SELECT calendar.canonical(a) FROM unnest(p_addresses || p_told) a) told (a)
    ORDER BY a
  ));
END
$$;

CREATE OR REPLACE FUNCTION calendar.name_people(p_addresses text[]) RETURNS void LANGUAGE sql AS $$
  -- Copies hold people, not aliases: of a list that is known under several names as well.
  SELECT calendar.name_addresses(ARRAY(SELECT unnest(p_addresses) UNION SELECT calendar.canonical(a) FROM unnest(p_addresses) a), '{}')
$$;

-- A new alias touches only copies that hold it as it is: those of the person behind it are as they were. Otherwise
-- learning the aliases of a company would derive all of its calendars anew, twice.
CREATE OR REPLACE FUNCTION calendar.person_address_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  addresses text[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(DISTINCT n.alias) INTO addresses FROM new_rows n;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(DISTINCT a) INTO addresses FROM old_rows o, unnest(ARRAY[o.alias, o.canonical]) a;
  ELSE
    SELECT array_agg(DISTINCT a) INTO addresses
    FROM new_rows n JOIN old_rows o USING (alias), unnest(ARRAY[n.alias, n.canonical, o.canonical]) a
    WHERE n.canonical <> o.canonical;
  END IF;
  IF addresses IS NULL THEN RETURN NULL; END IF;
  IF TG_OP <> 'DELETE' THEN
    UPDATE calendar.person_address p SET canonical = n.canonical
    FROM new_rows n WHERE p.canonical = n.alias;
  END IF;
  IF TG_OP = 'INSERT' THEN
    PERFORM calendar.name_addresses(addresses, ARRAY(SELECT canonical FROM new_rows));
  ELSE
    PERFORM calendar.name_people(addresses);
  END IF;
  RETURN NULL;
END
$$;

-- Who joins or leaves a list touches the copies that hold the list, not all others that name him.
CREATE OR REPLACE FUNCTION calendar.group_member_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  lists text[];
  members text[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(DISTINCT list), array_agg(DISTINCT member) INTO lists, members FROM new_rows;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(DISTINCT list), array_agg(DISTINCT member) INTO lists, members FROM old_rows;
  ELSE
    SELECT array_agg(DISTINCT list), array_agg(DISTINCT member) INTO lists, members
    FROM new_rows n FULL JOIN old_rows o USING (list, member)
    WHERE n.list IS NULL OR o.list IS NULL;
  END IF;
  IF lists IS NULL THEN RETURN NULL; END IF;
  PERFORM calendar.name_addresses(
    ARRAY(SELECT unnest(lists) UNION SELECT calendar.canonical(l) FROM unnest(lists) l), members);
  RETURN NULL;
END
$$;

-- How many addresses are in each of some lists, ten levels deep as calendar.people_named goes. Counting ends above
-- `p_most`.
CREATE FUNCTION calendar.list_sizes(p_provider text, p_lists text[], p_most integer)
RETURNS TABLE (list text, size integer) LANGUAGE plpgsql STABLE AS $$
DECLARE
  known text[];
  level text[];
  depth integer;
BEGIN
  FOREACH list IN ARRAY coalesce(p_lists, '{}') LOOP
    known := ARRAY[list];
    level := known;
    depth := 0;
    WHILE depth < 10 AND cardinality(level) > 0 AND cardinality(known) - 1 <= p_most LOOP
      SELECT coalesce(array_agg(DISTINCT m.address), '{}') INTO level
      FROM calendar.directory_entry e, unnest(e.members) AS raw (address),
           LATERAL (SELECT calendar.canonical(raw.address)) AS m (address)
      WHERE e.provider = p_provider AND e.address = ANY (level) AND e.kind = 'list' AND m.address <> ALL (known);
      known := known || level;
      depth := depth + 1;
    END LOOP;
    size := cardinality(known) - 1;
    RETURN NEXT;
  END LOOP;
END
$$;

-- Writes what a provider answered, and what follows from it. `p_answers` are objects {address, kind, person, members};
-- members come with lists that are named by their primary address only, at most `p_most` + 1 of them. Each of
-- `p_questions` is asked unless it is known. An answer that knows nothing of what was known is believed only when it comes
-- again. Answers that say nothing new change nothing but the time of the check, and take no lock of the change log.
-- Returns the lists that have become too large with this.
CREATE FUNCTION calendar.answer_directory(p_provider text, p_answers jsonb, p_questions text[], p_most integer)
RETURNS TABLE (list text) LANGUAGE plpgsql AS $$
DECLARE
  judged jsonb;
  changed text[];
  new_rooms text[];
  lists text[];
BEGIN
  PERFORM set_config('calendar.naming', 'later', true);
  SELECT jsonb_agg(jsonb_build_object(
           'address', a.address, 'kind', a.kind, 'person', a.person, 'members', to_jsonb(coalesce(a.members, '{}')),
           'doubted', a.kind IN ('unknown', 'ambiguous') AND e.misses = 0
                      AND coalesce(e.kind NOT IN ('unknown', 'ambiguous'), false)) ORDER BY a.address)
  INTO judged
  FROM jsonb_to_recordset(p_answers) AS a (address text, kind text, person text, members text[])
  JOIN calendar.directory_entry e ON e.provider = p_provider AND e.address = a.address;
  SELECT array_agg(j.address) INTO changed
  FROM jsonb_to_recordset(judged) AS j (address text, kind text, person text, members text[], doubted boolean)
  JOIN calendar.directory_entry e ON e.provider = p_provider AND e.address = j.address
  WHERE NOT j.doubted AND (e.kind IS DISTINCT FROM j.kind OR e.person IS DISTINCT FROM j.person OR e.members <> j.members);
  IF changed IS NOT NULL THEN PERFORM calendar.lock_changes(); END IF;
  SELECT array_agg(r.room) INTO new_rooms
  FROM jsonb_to_recordset(judged) AS j (address text, kind text, members text[], doubted boolean)
  JOIN calendar.directory_entry e ON e.provider = p_provider AND e.address = j.address, unnest(j.members) AS r (room)
  WHERE j.kind = 'rooms' AND r.room <> ALL (e.members);

  UPDATE calendar.directory_entry e
  SET checked_at = clock_timestamp(), asked_until = NULL,
      misses = CASE WHEN j.doubted THEN e.misses + 1 ELSE 0 END,
      kind = CASE WHEN j.doubted THEN e.kind ELSE j.kind END,
      person = CASE WHEN j.doubted THEN e.person ELSE j.person END,
      members = CASE WHEN j.doubted THEN e.members ELSE j.members END
  FROM jsonb_to_recordset(judged) AS j (address text, kind text, person text, members text[], doubted boolean)
  WHERE e.provider = p_provider AND e.address = j.address;
  INSERT INTO calendar.directory_entry (provider, address)
  SELECT DISTINCT p_provider, q FROM unnest(p_questions) q ORDER BY q ON CONFLICT DO NOTHING;

  IF changed IS NOT NULL THEN
    -- Somebody is said to be primary who was an alias himself: he is asked about again.
    UPDATE calendar.directory_entry p SET checked_at = NULL
    FROM calendar.directory_entry e
    WHERE e.provider = p_provider AND e.address = ANY (changed) AND e.person <> e.address
      AND p.provider = p_provider AND p.address = e.person AND p.person <> p.address AND p.kind IS NOT NULL;
    PERFORM calendar.derive_aliases(changed);
    IF new_rooms IS NOT NULL THEN PERFORM calendar.mark_rooms(new_rooms); END IF;
  END IF;
  -- A list that is in others changes their sizes as well; and the limit may be another one than last time.
  WITH RECURSIVE touched (address, depth) AS (
    SELECT j.address, 0 FROM jsonb_to_recordset(judged) AS j (address text, kind text) WHERE j.kind = 'list'
    UNION SELECT c, 0 FROM unnest(changed) c
    UNION
    SELECT around.address, t.depth + 1
    FROM touched t
    JOIN calendar.directory_entry around ON around.provider = p_provider AND around.kind = 'list'
      AND around.members && (ARRAY[t.address] || ARRAY(SELECT p.alias FROM calendar.person_address p WHERE p.canonical = t.address))
    WHERE t.depth < 10 AND changed IS NOT NULL
  )
  SELECT array_agg(DISTINCT t.address) INTO lists
  FROM touched t JOIN calendar.directory_entry e ON e.provider = p_provider AND e.address = t.address
  WHERE e.kind = 'list' AND e.person = e.address;
  SELECT array_agg(e.address) INTO lists
  FROM calendar.list_sizes(p_provider, lists, p_most) s
  JOIN calendar.directory_entry e ON e.provider = p_provider AND e.address = s.list
  WHERE e.too_large <> (s.size > p_most);
  IF lists IS NOT NULL THEN
    PERFORM calendar.lock_changes();
    UPDATE calendar.directory_entry e SET too_large = NOT e.too_large
    WHERE e.provider = p_provider AND e.address = ANY (lists);
  END IF;
  IF changed IS NOT NULL OR lists IS NOT NULL THEN
    PERFORM calendar.derive_members(coalesce(changed, '{}') || coalesce(lists, '{}'));
  END IF;
  RETURN QUERY SELECT e.address FROM calendar.directory_entry e
    WHERE e.provider = p_provider AND e.address = ANY (lists) AND e.too_large;
END
$$;

-- Events that were read before somebody was known to be a room name him as a person: they are put right. Needs the lock of
-- the change log.
CREATE FUNCTION calendar.mark_rooms(p_rooms text[]) RETURNS void LANGUAGE sql AS $$
  UPDATE calendar.event e SET attendees = n.attendees
  FROM calendar.event c
  CROSS JOIN LATERAL (
    SELECT jsonb_agg(a.attendee || CASE WHEN p.person = ANY (p_rooms) THEN '{"role": "resource"}' ELSE '{}' END::jsonb ORDER BY a.nth) AS attendees
    FROM jsonb_array_elements(c.attendees) WITH ORDINALITY AS a (attendee, nth)
    JOIN unnest(c.attendee_people) WITH ORDINALITY AS p (person, nth) USING (nth)
  ) n
  WHERE c.audience && p_rooms AND n.attendees <> c.attendees
    AND e.event_id = c.event_id AND e.mailbox_id = c.mailbox_id
$$;

-- Whom the providers mean by some addresses; of several the first that knows an address is believed. null: nobody.
CREATE FUNCTION calendar.meant_by(p_addresses text[]) RETURNS TABLE (alias text, person text) LANGUAGE sql STABLE AS $$
  SELECT DISTINCT ON (a) a, e.person
  FROM unnest(p_addresses) a
  LEFT JOIN calendar.directory_entry e ON e.address = a AND e.person IS NOT NULL
  ORDER BY a, e.provider
$$;

-- Makes person_address say of some addresses what the providers say of them, and of those that lead to them. Aliases of
-- other sources stay. Needs the lock of the change log.
CREATE FUNCTION calendar.derive_aliases(p_addresses text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  addresses text[] := ARRAY(
    SELECT unnest(p_addresses) UNION SELECT e.address FROM calendar.directory_entry e WHERE e.person = ANY (p_addresses));
BEGIN
  DELETE FROM calendar.person_address p USING calendar.meant_by(addresses) m
  WHERE p.source = 'directory' AND p.alias = m.alias AND (m.person IS NULL OR m.person = m.alias);
  INSERT INTO calendar.person_address AS known (alias, canonical, source)
  SELECT m.alias, m.person, 'directory' FROM calendar.meant_by(addresses) m
  WHERE m.person IS NOT NULL AND calendar.canonical(m.person) <> m.alias
    -- Written only where it differs: an update that changes nothing would take time under the lock.
    AND calendar.canonical(m.alias) <> calendar.canonical(m.person)
  ORDER BY m.alias
  ON CONFLICT (alias) DO UPDATE SET canonical = excluded.canonical, checked_at = clock_timestamp()
  WHERE known.source = 'directory';
END
$$;

CREATE FUNCTION calendar.listed_members(p_lists text[]) RETURNS TABLE (list text, member text) LANGUAGE sql STABLE AS $$
  SELECT DISTINCT e.address, m.member
  FROM calendar.directory_entry e, unnest(e.members) AS m (member)
  WHERE e.address = ANY (p_lists) AND e.kind = 'list' AND e.person = e.address AND NOT e.too_large AND m.member <> e.address
$$;

-- Makes group_member say of some lists what the providers say of them. Needs the lock of the change log.
CREATE FUNCTION calendar.derive_members(p_lists text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM calendar.group_member g
  WHERE g.list = ANY (p_lists)
    AND NOT EXISTS (SELECT FROM calendar.listed_members(p_lists) l WHERE l.list = g.list AND l.member = g.member);
  INSERT INTO calendar.group_member (list, member)
  SELECT l.list, l.member FROM calendar.listed_members(p_lists) l
  WHERE NOT EXISTS (SELECT FROM calendar.group_member g WHERE g.list = l.list AND g.member = l.member)
  ORDER BY 1, 2;
END
$$;

-- Forgets what one provider said of some addresses that nothing names any more.
CREATE FUNCTION calendar.forget_directory(p_provider text, p_addresses text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('calendar.naming', 'later', true);
  PERFORM calendar.lock_changes();
  DELETE FROM calendar.directory_entry WHERE provider = p_provider AND address = ANY (p_addresses);
  PERFORM calendar.derive_aliases(p_addresses);
  PERFORM calendar.derive_members(p_addresses);
END
$$;

-- Whether a calendar, a mailbox or a list still names it, by this address or by the person's own.
CREATE FUNCTION calendar.is_named(e calendar.directory_entry) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(e.kind = 'rooms', false)
    OR EXISTS (SELECT FROM calendar.mailbox m WHERE m.address = e.address OR m.owner = e.person)
    OR EXISTS (SELECT FROM calendar.event c WHERE c.audience @> ARRAY[e.address])
    OR EXISTS (SELECT FROM calendar.event c WHERE c.audience @> ARRAY[e.person])
    OR EXISTS (SELECT FROM calendar.directory_entry l WHERE l.kind = 'list' AND l.members @> ARRAY[e.address])
$$;
