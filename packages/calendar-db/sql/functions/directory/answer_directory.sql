-- Writes what a provider answered, and what follows from it. `p_answers` are objects {address, kind, person, members};
-- members come with lists that are named by their primary address only, at most `p_most` + 1 of them. Each of
-- `p_questions` is asked unless it is known. An answer that knows nothing of what was known is believed only when it comes
-- again. Answers that say nothing new change nothing but the time of the check, and take no lock of the change log.
-- Returns the lists that have become too large with this.
CREATE OR REPLACE FUNCTION calendar.answer_directory(p_provider text, p_answers jsonb, p_questions text[], p_most integer)
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
    -- Copies that name them as persons are put right a few at a time.
    INSERT INTO calendar.naming (address) SELECT DISTINCT r FROM unnest(new_rooms) r ORDER BY r
    ON CONFLICT (address) DO UPDATE SET after_event = excluded.after_event, after_mailbox = excluded.after_mailbox;
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
    WHERE t.depth < calendar.list_depth() AND changed IS NOT NULL
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
