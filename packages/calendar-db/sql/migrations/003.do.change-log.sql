-- breaking: true
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

-- How far the log goes: positions after pruning stay comparable with positions before it.
CREATE FUNCTION calendar.head() RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT greatest((SELECT coalesce(max(seq), 0) FROM calendar.change), (SELECT pruned_seq FROM calendar.meta))
$$;

CREATE FUNCTION calendar.is_cached(p_person text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM calendar.mailbox WHERE owner = p_person AND cached_at IS NOT NULL)
$$;

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

-- Logs what became different, in order of start, and tells the newest position. The organizer's copy shows itself in
-- everybody's view (responses, authority), whatever copies they see; another copy only in its owner's and in those of
-- people who have no cached mailbox of their own: for these a change of one copy can make another one the
-- authoritative, so all copies' audiences count.
CREATE FUNCTION calendar.log_differences(p_differences calendar.difference[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  head bigint;
BEGIN
  IF cardinality(p_differences) = 0 THEN RETURN; END IF;
  WITH different AS MATERIALIZED (
    SELECT d.*, m.owner FROM unnest(p_differences) d LEFT JOIN calendar.mailbox m USING (mailbox_id)
  ), person AS (
    SELECT d.kind, d.event_id, d.mailbox_id, d.start_at, d.shows_to_all, d.owner, a.address
    FROM different d LEFT JOIN unnest(d.audience) AS a (address) ON true
    UNION
    SELECT d.kind, d.event_id, d.mailbox_id, d.start_at, d.shows_to_all, d.owner, a.address
    FROM different d JOIN calendar.event e USING (event_id), unnest(e.audience) AS a (address)
  ), logged AS (
    INSERT INTO calendar.change (kind, event_id, mailbox_id, audience)
    SELECT p.kind, p.event_id, p.mailbox_id,
           coalesce(array_agg(p.address ORDER BY p.address) FILTER (
             WHERE p.address IS NOT NULL AND (p.shows_to_all OR p.address = p.owner OR NOT calendar.is_cached(p.address))
           ), '{}')
    FROM person p
    GROUP BY p.kind, p.event_id, p.mailbox_id, p.start_at
    ORDER BY p.start_at, p.event_id
    RETURNING seq
  )
  SELECT max(seq) INTO head FROM logged;
  PERFORM pg_notify('calendar_change', head::text);
END
$$;

-- Of one event, for what is no copy of it.
CREATE FUNCTION calendar.concerned(p_event_id uuid, p_mailbox_id bigint, p_organizer_copy boolean, p_audience text[])
RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT coalesce(array_agg(DISTINCT address ORDER BY address), '{}')
  FROM calendar.event e, unnest(e.audience) AS a (address) WHERE e.event_id = p_event_id
$$;

CREATE FUNCTION calendar.event_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM calendar.log_differences(ARRAY(
    SELECT ROW(CASE WHEN n.gone_at IS NULL THEN 'event' ELSE 'gone' END, n.event_id, n.mailbox_id, n.start_at,
               n.is_organizer_copy, n.audience)::calendar.difference
    FROM new_rows n
  ));
  RETURN NULL;
END
$$;

-- Only what a viewer, or the launcher for him, can notice makes a change: item ids, digests and time stamps do not.
CREATE FUNCTION calendar.event_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM calendar.log_differences(ARRAY(
    SELECT ROW(CASE WHEN n.gone_at IS NULL THEN 'event' ELSE 'gone' END, event_id, mailbox_id, n.start_at,
               o.is_organizer_copy OR n.is_organizer_copy, o.audience || n.audience)::calendar.difference
    -- FULL, although every row has its partner: such a join is never planned as nested loops, and the plan that was made
    -- for a few rows also serves for hundreds.
    FROM new_rows n FULL JOIN old_rows o USING (event_id, mailbox_id)
    WHERE (n.subject, n.start_at, n.end_at, n.all_day, n.start_date, n.end_date, n.time_zone, n.location, n.preview,
           n.organizer_address, n.organizer_name, n.attendees, n.my_response, n.free_busy, n.sensitivity, n.is_meeting,
           n.is_cancelled, n.categories, n.reminder_minutes, n.join_links, n.owa_url, n.series_text, n.uid, n.kind,
           n.organizer_person, n.is_organizer_copy, n.attendee_people, n.audience, n.previous_start,
           n.changed_fields, n.gone_at IS NULL)
      IS DISTINCT FROM
          (o.subject, o.start_at, o.end_at, o.all_day, o.start_date, o.end_date, o.time_zone, o.location, o.preview,
           o.organizer_address, o.organizer_name, o.attendees, o.my_response, o.free_busy, o.sensitivity, o.is_meeting,
           o.is_cancelled, o.categories, o.reminder_minutes, o.join_links, o.owa_url, o.series_text, o.uid, o.kind,
           o.organizer_person, o.is_organizer_copy, o.attendee_people, o.audience, o.previous_start,
           o.changed_fields, o.gone_at IS NULL)
  ));
  RETURN NULL;
END
$$;

-- `calendar.aging_before` is set by calendar.age_out: an event that ended before it in all copies is nobody's news.
CREATE FUNCTION calendar.event_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  aging_before timestamptz := nullif(current_setting('calendar.aging_before', true), '');
BEGIN
  PERFORM calendar.log_differences(ARRAY(
    SELECT ROW(CASE WHEN aging_before > o.end_at AND NOT EXISTS (
                      SELECT FROM calendar.event e WHERE e.event_id = o.event_id AND e.end_at >= aging_before
                    ) THEN 'aged' ELSE 'gone' END,
               o.event_id, o.mailbox_id, o.start_at, o.is_organizer_copy, o.audience)::calendar.difference
    FROM old_rows o
  ));
  RETURN NULL;
END
$$;

CREATE TRIGGER event_lock BEFORE INSERT OR UPDATE OR DELETE ON calendar.event
  FOR EACH STATEMENT EXECUTE FUNCTION calendar.lock_changes_first();
CREATE TRIGGER event_inserted AFTER INSERT ON calendar.event
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION calendar.event_inserted();
CREATE TRIGGER event_updated AFTER UPDATE ON calendar.event
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION calendar.event_updated();
CREATE TRIGGER event_deleted AFTER DELETE ON calendar.event
  REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION calendar.event_deleted();

-- Logs one row without an event for people whose whole view may differ.
CREATE FUNCTION calendar.log_view_change(p_kind text, p_mailbox_id bigint, p_audience text[]) RETURNS void LANGUAGE sql AS $$
  WITH logged AS (
    INSERT INTO calendar.change (kind, mailbox_id, audience) VALUES (p_kind, p_mailbox_id, p_audience) RETURNING seq
  )
  SELECT pg_notify('calendar_change', seq::text) FROM logged
$$;

-- A mailbox that becomes cached, or stops being so, or changes its owner: rule 1 of visibility begins or ends to hold.
CREATE FUNCTION calendar.mailbox_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.cached_at IS NOT NULL THEN
      PERFORM calendar.log_view_change('mailbox', NEW.mailbox_id, ARRAY[NEW.owner]);
    END IF;
  ELSIF TG_OP = 'DELETE' THEN
    IF OLD.cached_at IS NOT NULL THEN
      PERFORM calendar.log_view_change('mailbox', OLD.mailbox_id, ARRAY[OLD.owner]);
    END IF;
  ELSIF (OLD.cached_at IS NULL) <> (NEW.cached_at IS NULL) OR (NEW.cached_at IS NOT NULL AND OLD.owner <> NEW.owner) THEN
    PERFORM calendar.log_view_change('mailbox', NEW.mailbox_id, ARRAY[OLD.owner, NEW.owner]);
  END IF;
  RETURN NULL;
END
$$;

-- Under the lock and with a snapshot of its own, so that an alias learned a moment ago is known.
CREATE FUNCTION calendar.name_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.owner := calendar.canonical(NEW.address);
  RETURN NEW;
END
$$;

CREATE TRIGGER mailbox_lock BEFORE INSERT OR DELETE OR UPDATE OF cached_at, owner ON calendar.mailbox
  FOR EACH STATEMENT EXECUTE FUNCTION calendar.lock_changes_first();
CREATE TRIGGER mailbox_owner BEFORE INSERT ON calendar.mailbox
  FOR EACH ROW EXECUTE FUNCTION calendar.name_owner();
CREATE TRIGGER mailbox_changed AFTER INSERT OR DELETE OR UPDATE OF cached_at, owner ON calendar.mailbox
  FOR EACH ROW EXECUTE FUNCTION calendar.mailbox_changed();

-- Derives anew who is meant by some addresses, wherever they are named.
CREATE FUNCTION calendar.name_people(p_addresses text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  -- Copies hold people, not aliases: of a list that is known under several names as well.
  people text[] := ARRAY(SELECT unnest(p_addresses) UNION SELECT calendar.canonical(a) FROM unnest(p_addresses) a);
BEGIN
  PERFORM FROM calendar.mailbox WHERE address = ANY (people) ORDER BY mailbox_id FOR UPDATE;
  UPDATE calendar.mailbox SET owner = calendar.canonical(address)
  WHERE address = ANY (people) AND owner <> calendar.canonical(address);

  WITH copy AS MATERIALIZED (
    SELECT c.event_id, c.mailbox_id, m.owner, c.organizer_address, c.attendees,
           row_number() OVER (ORDER BY c.event_id, c.mailbox_id) AS place
    FROM calendar.event c JOIN calendar.mailbox m USING (mailbox_id)
    WHERE c.audience && people
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
      IS DISTINCT FROM (n.audience, n.attendee_people, n.organizer_person, n.is_organizer_copy);

  PERFORM calendar.log_view_change('viewer', NULL, people);
END
$$;

-- An alias of an alias becomes an alias of the person, whichever of the two was learned first.
CREATE FUNCTION calendar.flatten_aliases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.canonical := calendar.canonical(NEW.canonical);
  RETURN NEW;
END
$$;

CREATE FUNCTION calendar.person_address_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  addresses text[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(DISTINCT a) INTO addresses FROM new_rows n, unnest(ARRAY[n.alias, n.canonical]) a;
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
  PERFORM calendar.name_people(addresses);
  RETURN NULL;
END
$$;

CREATE FUNCTION calendar.group_member_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  addresses text[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(DISTINCT a) INTO addresses FROM new_rows n, unnest(ARRAY[n.list, n.member]) a;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(DISTINCT a) INTO addresses FROM old_rows o, unnest(ARRAY[o.list, o.member]) a;
  ELSE
    SELECT array_agg(DISTINCT a) INTO addresses
    FROM new_rows n FULL JOIN old_rows o USING (list, member), unnest(ARRAY[list, member]) a
    WHERE n.list IS NULL OR o.list IS NULL;
  END IF;
  IF addresses IS NOT NULL THEN PERFORM calendar.name_people(addresses); END IF;
  RETURN NULL;
END
$$;

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

-- Forgets changes older than `p_keep`, oldest first and at most `p_most` at a time; the position up to which they are
-- gone is kept in the same transaction. Needs no lock of the log: what comes is not touched by what goes.
CREATE FUNCTION calendar.prune_changes(p_keep interval, p_most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  last bigint;
  removed integer := 0;
BEGIN
  SELECT max(seq) INTO last FROM (
    SELECT seq, at FROM calendar.change ORDER BY seq LIMIT p_most
  ) oldest WHERE at < clock_timestamp() - p_keep;
  IF last IS NOT NULL THEN
    UPDATE calendar.meta SET pruned_seq = greatest(pruned_seq, last);
    DELETE FROM calendar.change WHERE seq <= last;
    GET DIAGNOSTICS removed = ROW_COUNT;
  END IF;
  RETURN removed;
END
$$;

-- A reader has seen position `p_seq` of the history `p_epoch`. When the log ends before it, an older state was put
-- back in place: the history gets another name, once, whoever of the readers notices first.
CREATE FUNCTION calendar.notice_regression(p_epoch text, p_seq bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF calendar.epoch() <> p_epoch OR calendar.head() >= p_seq THEN RETURN false; END IF;
  PERFORM FROM calendar.meta FOR UPDATE;
  IF calendar.epoch() <> p_epoch OR calendar.head() >= p_seq THEN RETURN false; END IF;
  PERFORM calendar.renew_epoch();
  RETURN true;
END
$$;
