-- How the sync worker writes: everything in one server-side call, under a lease, guarded by what the sync started from.
--
-- Applies one chunk of a sync's result. Rows are objects with the columns of `event` that Exchange
-- gives, but for `attendees`: `list` tells the place of these in `p_lists`, since occurrences of a series nearly always have
-- the same; `p_gone` are the ids of occurrences that a complete view no longer holds. The last chunk brings `p_done`
-- {sync_state, folder_id, window_from, window_to, auto_sync, next_sync_seconds, cached, unread: {items, tries}, reread_seconds,
-- suspicion: {since_ms, views, lost, of}} and with it the new sync state; it also gives the lease back. Of the last three each
-- stays as it is where it is absent; the last two end where they are null. While a mailbox is suspect, its syncs do not count
-- as synchronizations.
-- Returns the number of rows written, or null when the lease, its token or the sync state is not what the sync
-- started with: the result is stale then and nothing was applied.
CREATE OR REPLACE FUNCTION calendar.apply_sync(
  p_mailbox_id bigint, p_lease_owner uuid, p_lease_token bigint, p_from_state text,
  p_rows jsonb, p_lists jsonb, p_gone uuid[], p_done jsonb
) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  box calendar.mailbox;
  changed jsonb;
  lost uuid[];
  written integer := 0;
  buried integer := 0;
  unbelieved boolean;
  renewed jsonb := p_done -> 'suspicion';
BEGIN
  -- Compared before the lock: only what is new or different is written while others wait.
  SELECT coalesce(jsonb_agg(r.row), '[]') INTO changed
  FROM jsonb_array_elements(p_rows) AS r (row)
  LEFT JOIN calendar.event e ON e.event_id = (r.row ->> 'event_id')::uuid AND e.mailbox_id = p_mailbox_id
  WHERE e.event_id IS NULL OR e.digest <> r.row ->> 'digest' OR e.gone_at IS NOT NULL;
  SELECT array_agg(event_id) INTO lost FROM calendar.event
  WHERE mailbox_id = p_mailbox_id AND event_id = ANY (p_gone) AND gone_at IS NULL;

  IF changed <> '[]' OR lost IS NOT NULL OR p_done ->> 'cached' = 'true' THEN
    PERFORM calendar.lock_changes();
  END IF;
  SELECT * INTO box FROM calendar.mailbox
  WHERE mailbox_id = p_mailbox_id AND lease_owner = p_lease_owner AND lease_token = p_lease_token
    AND lease_until > clock_timestamp() AND sync_state IS NOT DISTINCT FROM p_from_state
  FOR UPDATE;
  IF NOT FOUND THEN RETURN NULL; END IF;

  IF changed <> '[]' THEN
    WITH item AS MATERIALIZED (
      SELECT i.row, i.place FROM jsonb_array_elements(changed) WITH ORDINALITY AS i (row, place)
    ), list AS MATERIALIZED (
      -- Who they are is looked up once for all rows that name the same people.
      SELECT i.row ->> 'organizer_address' AS organizer, (i.row -> 'list')::integer AS list, array_agg(i.place) AS places,
             row_number() OVER () AS number
      FROM item i GROUP BY 1, 2
    )
    INSERT INTO calendar.event AS held (
      event_id, mailbox_id, uid, original_start, item_id, series_id, kind, subject, start_at, end_at, all_day, start_date,
      end_date, time_zone, location, preview, organizer_address, organizer_name, attendees, my_response, free_busy,
      sensitivity, is_private, is_meeting, is_cancelled, categories, reminder_minutes, join_links, owa_url, series_text,
      last_modified, sequence, stamp, details, duplicate_of, view_digest, digest, organizer_person, is_organizer_copy,
      is_room_copy, attendee_people, audience, speaks)
    SELECT r.event_id, p_mailbox_id, r.uid, r.original_start, r.item_id, r.series_id, r.kind, r.subject, r.start_at, r.end_at,
           r.all_day, r.start_date, r.end_date, r.time_zone, r.location, r.preview, r.organizer_address, r.organizer_name,
           p_lists -> listed.list, r.my_response, r.free_busy, r.sensitivity, r.is_private, r.is_meeting, r.is_cancelled, r.categories,
           r.reminder_minutes, r.join_links, r.owa_url, r.series_text, r.last_modified, r.sequence, r.stamp, r.details,
           r.duplicate_of, r.view_digest, r.digest,
           n.organizer_person, n.is_organizer_copy, n.is_room_copy, n.attendee_people, n.audience,
           -- Most events have one copy: chosen here, it needs no second write. Not by EXISTS, for which Postgres may read all
           -- events.
           (SELECT other.event_id FROM calendar.event other WHERE other.event_id = r.event_id LIMIT 1) IS NULL
    FROM item
    FULL JOIN (
      SELECT l.number, l.list, unnest(l.places) AS place FROM list l
    ) listed USING (place)
    FULL JOIN (
      SELECT people.place AS number, people.* FROM (
        SELECT array_agg(box.owner) AS owners, array_agg(l.organizer ORDER BY l.number) AS organizers,
               array_agg(p_lists -> l.list ORDER BY l.number) AS attendees
        FROM list l
      ) given, calendar.people_named(given.owners, given.organizers, given.attendees) people
    ) n USING (number)
    CROSS JOIN LATERAL jsonb_populate_record(NULL::calendar.event, item.row) r
    -- A list that is as before is kept: a long one would be compressed and written once more.
    ON CONFLICT (event_id, mailbox_id) DO UPDATE SET
      uid = excluded.uid, original_start = excluded.original_start, item_id = excluded.item_id,
      series_id = excluded.series_id, kind = excluded.kind, subject = excluded.subject, start_at = excluded.start_at,
      end_at = excluded.end_at, all_day = excluded.all_day, start_date = excluded.start_date,
      end_date = excluded.end_date, time_zone = excluded.time_zone, location = excluded.location,
      preview = excluded.preview, organizer_address = excluded.organizer_address,
      organizer_name = excluded.organizer_name,
      attendees = CASE WHEN held.attendees = excluded.attendees THEN held.attendees ELSE excluded.attendees END, my_response = excluded.my_response,
      free_busy = excluded.free_busy, sensitivity = excluded.sensitivity, is_private = excluded.is_private, is_meeting = excluded.is_meeting,
      is_cancelled = excluded.is_cancelled, categories = excluded.categories,
      reminder_minutes = excluded.reminder_minutes, join_links = excluded.join_links, owa_url = excluded.owa_url,
      series_text = excluded.series_text, last_modified = excluded.last_modified,
      (sequence, stamp, invited) = (
        SELECT CASE WHEN v.is_new AND excluded.details = 'read' THEN excluded.sequence ELSE held.sequence END,
               CASE WHEN v.is_new AND excluded.details = 'read' THEN excluded.stamp ELSE held.stamp END,
               CASE WHEN NOT v.is_new AND NOT held.is_private AND NOT excluded.is_private AND NOT excluded.is_organizer_copy
                 THEN nullif(
                   coalesce(held.invited, calendar.invitation(
                     held.start_at, held.end_at, held.all_day, held.start_date, held.end_date,
                     held.subject, held.location, held.preview, held.join_links)),
                   calendar.invitation(
                     excluded.start_at, excluded.end_at, excluded.all_day, excluded.start_date, excluded.end_date,
                     excluded.subject, excluded.location, excluded.preview, excluded.join_links)) END
        FROM (SELECT calendar.is_newer_invitation(
          excluded.sequence, excluded.stamp, held.sequence, held.stamp) AS is_new) v),
      details = excluded.details, duplicate_of = excluded.duplicate_of,
      view_digest = excluded.view_digest, digest = excluded.digest,
      organizer_person = excluded.organizer_person, is_organizer_copy = excluded.is_organizer_copy,
      is_room_copy = excluded.is_room_copy,
      attendee_people = CASE WHEN held.attendee_people = excluded.attendee_people THEN held.attendee_people
        ELSE excluded.attendee_people END,
      audience = CASE WHEN held.audience_key = excluded.audience_key AND held.audience = excluded.audience THEN held.audience
        ELSE excluded.audience END,
      gone_at = NULL,
      previous_start = CASE
        WHEN held.gone_at IS NOT NULL THEN NULL
        WHEN held.start_at <> excluded.start_at THEN held.start_at
        ELSE held.previous_start END,
      changed_fields = CASE
        WHEN held.gone_at IS NOT NULL THEN '{}'
        -- What changed last stays told when something changes that is not among these, such as an answer.
        WHEN (held.subject, held.start_at, held.end_at, held.location, held.attendee_people, held.is_cancelled)
          = (excluded.subject, excluded.start_at, excluded.end_at, excluded.location, excluded.attendee_people, excluded.is_cancelled)
          THEN held.changed_fields
        ELSE array_remove(ARRAY[
          CASE WHEN held.subject <> excluded.subject THEN 'title' END,
          CASE WHEN held.start_at <> excluded.start_at THEN 'start' END,
          CASE WHEN held.end_at <> excluded.end_at THEN 'end' END,
          CASE WHEN held.location <> excluded.location THEN 'location' END,
          CASE WHEN held.attendee_people <> excluded.attendee_people THEN 'attendees' END,
          CASE WHEN held.is_cancelled <> excluded.is_cancelled THEN 'cancelled' END], NULL) END
    WHERE held.digest <> excluded.digest OR held.gone_at IS NOT NULL;
    GET DIAGNOSTICS written = ROW_COUNT;
  END IF;

  IF lost IS NOT NULL THEN
    UPDATE calendar.event SET gone_at = clock_timestamp()
    WHERE mailbox_id = p_mailbox_id AND event_id = ANY (lost) AND gone_at IS NULL;
    GET DIAGNOSTICS buried = ROW_COUNT;
  END IF;

  IF p_done IS NOT NULL THEN
    unbelieved := CASE WHEN p_done ? 'suspicion' THEN renewed <> 'null' ELSE box.suspect_since IS NOT NULL END;
    UPDATE calendar.mailbox SET
      sync_state = p_done ->> 'sync_state', folder_id = p_done ->> 'folder_id',
      window_from = coalesce((p_done ->> 'window_from')::timestamptz, window_from),
      window_to = coalesce((p_done ->> 'window_to')::timestamptz, window_to),
      auto_sync = coalesce((p_done ->> 'auto_sync')::boolean, auto_sync),
      status = CASE WHEN unbelieved THEN 'suspect' ELSE 'ok' END, failures = 0, error_code = NULL, error_class = NULL, error_detail = NULL, error_operation = NULL, lost = false,
      synced_at = CASE WHEN unbelieved THEN synced_at ELSE clock_timestamp() END, lease_owner = NULL, lease_until = NULL,
      unread_items = coalesce((p_done #>> '{unread,items}')::integer, unread_items),
      unread_tries = coalesce((p_done #>> '{unread,tries}')::integer, unread_tries),
      reread_at = CASE WHEN p_done ? 'reread_seconds'
        THEN clock_timestamp() + make_interval(secs => (p_done ->> 'reread_seconds')::double precision) ELSE reread_at END,
      next_sync_at = clock_timestamp() + make_interval(secs => (p_done ->> 'next_sync_seconds')::double precision)
    WHERE mailbox_id = p_mailbox_id;
    IF p_done ? 'suspicion' AND (unbelieved OR box.suspect_since IS NOT NULL) THEN
      UPDATE calendar.mailbox SET
        suspect_since = to_timestamp((renewed ->> 'since_ms')::double precision / 1000),
        suspect_views = (renewed ->> 'views')::integer,
        suspect_lost = CASE WHEN unbelieved THEN ARRAY(SELECT jsonb_array_elements_text(renewed -> 'lost')::uuid) END,
        suspect_of = (renewed ->> 'of')::integer,
        suspect_confirmed = suspect_confirmed AND unbelieved
      WHERE mailbox_id = p_mailbox_id;
    END IF;
    IF p_done ->> 'cached' = 'true' AND box.cached_at IS NULL THEN
      UPDATE calendar.mailbox SET cached_at = clock_timestamp() WHERE mailbox_id = p_mailbox_id;
    END IF;
  END IF;
  RETURN written + buried;
END
$$;
