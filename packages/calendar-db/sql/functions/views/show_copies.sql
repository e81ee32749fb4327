-- What viewers are shown of the copies they see (arrays of the same length, as `copies_seen` gives them). What a guest
-- changed in his own copy is shown to him alone. Private events
-- are whole only for the owner of the copy; through somebody else's copy nothing personal to its owner is shown.
-- A list of attendees comes with the first row of its event that has it, since copies of one event nearly always have the same.
CREATE OR REPLACE FUNCTION calendar.show_copies(p_viewers text[], p_event_ids uuid[], p_mailbox_ids bigint[], p_own boolean[])
RETURNS SETOF calendar.shown_copy LANGUAGE sql STABLE ROWS 1000 AS $$
  SELECT
    s.viewer, e.event_id, s.own, p.masked,
    CASE WHEN NOT p.masked THEN e.uid END, e.kind, CASE WHEN p.masked THEN '' ELSE coalesce(i.subject, e.subject) END,
    coalesce(i.start_at, e.start_at), coalesce(i.end_at, e.end_at), coalesce(i.all_day, e.all_day),
    to_char(CASE WHEN i.all_day IS NULL THEN e.start_date ELSE i.start_date END, 'YYYY-MM-DD'),
    to_char(CASE WHEN i.all_day IS NULL THEN e.end_date ELSE i.end_date END, 'YYYY-MM-DD'),
    CASE WHEN p.masked THEN 'UTC' ELSE e.time_zone END,
    CASE WHEN p.masked THEN '' ELSE coalesce(i.location, e.location) END,
    CASE WHEN p.masked THEN '' ELSE coalesce(i.preview, e.preview) END,
    CASE WHEN NOT p.masked THEN e.organizer_address END,
    CASE WHEN p.masked THEN '' ELSE e.organizer_name END,
    CASE WHEN NOT p.masked THEN e.organizer_person END,
    e.is_organizer_copy,
    CASE WHEN NOT p.masked THEN e.attendees_key::text END,
    CASE WHEN NOT p.masked AND row_number() OVER (PARTITION BY e.event_id, p.masked, e.attendees_key) = 1 THEN e.attendees END,
    CASE WHEN NOT p.masked AND row_number() OVER (PARTITION BY e.event_id, p.masked, e.attendees_key) = 1 THEN e.attendee_people END,
    o.mailbox_id::text,
    CASE WHEN row_number() OVER (PARTITION BY e.event_id, o.mailbox_id) = 1 THEN o.attendees END,
    CASE WHEN row_number() OVER (PARTITION BY e.event_id, o.mailbox_id) = 1 THEN o.attendee_people END,
    CASE WHEN s.own THEN e.my_response ELSE 'unknown' END,
    e.free_busy, e.sensitivity,
    CASE WHEN NOT p.masked THEN e.series_text END,
    e.is_meeting AND NOT p.masked,
    e.is_cancelled AND NOT p.masked,
    CASE WHEN s.own THEN e.categories ELSE '{}' END,
    CASE WHEN s.own THEN e.reminder_minutes END,
    CASE WHEN p.masked THEN '{}' ELSE coalesce(i.join_links, e.join_links) END,
    CASE WHEN s.own THEN e.owa_url END,
    CASE WHEN NOT p.masked THEN e.previous_start END,
    CASE WHEN p.masked THEN '{}' ELSE e.changed_fields END,
    CASE WHEN NOT p.masked AND c.event_id IS NOT NULL THEN jsonb_build_object(
      'state', c.state, 'wanted', c.wanted, 'reason', c.reason, 'serverId', c.server_id,
      'cid', coalesce(c.cid, c.link_cid), 'url', coalesce(c.url, c.link_url), 'appUrl', c.app_url,
      'startsAt', c.starts_at, 'failure', c.failure) END
  FROM unnest(p_viewers, p_event_ids, p_mailbox_ids, p_own) AS s (viewer, event_id, mailbox_id, own)
  JOIN calendar.event e ON e.event_id = s.event_id AND e.mailbox_id = s.mailbox_id
  CROSS JOIN LATERAL (SELECT NOT s.own AND e.is_private) AS p (masked)
  LEFT JOIN LATERAL calendar.as_invited(CASE WHEN NOT s.own AND NOT e.is_organizer_copy THEN e.invited END) i ON true
  LEFT JOIN LATERAL (
    -- Another organizer's copy under the same UID says nothing about this meeting, a private one nothing to others.
    SELECT a.mailbox_id, a.attendees, a.attendee_people FROM calendar.event a
    WHERE a.event_id = e.event_id AND a.is_organizer_copy AND a.gone_at IS NULL
      AND a.organizer_person = e.organizer_person AND NOT a.is_private
      AND NOT e.is_organizer_copy AND NOT p.masked
    ORDER BY a.mailbox_id
    LIMIT 1
  ) o ON true
  LEFT JOIN calendar.conference c ON c.event_id = s.event_id
$$;
