-- Whether a calendar, a mailbox or a list still names it, by this address or by the person's own.
CREATE OR REPLACE FUNCTION calendar.is_named(e calendar.directory_entry) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(e.kind = 'rooms', false)
    OR EXISTS (SELECT FROM calendar.mailbox m WHERE m.address = e.address OR m.owner = e.person)
    OR EXISTS (SELECT FROM calendar.event_audience c WHERE c.audience @> ARRAY[e.address])
    OR EXISTS (SELECT FROM calendar.event_audience c WHERE c.audience @> ARRAY[e.person])
    OR EXISTS (SELECT FROM calendar.directory_entry l WHERE l.kind = 'list' AND l.members @> ARRAY[e.address])
$$;
