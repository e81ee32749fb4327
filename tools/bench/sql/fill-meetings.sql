-- $1 prefix of the addresses, $2 mailboxes of that prefix, $3 meetings, $4 people in each, $5 how many places further the next
-- meeting's organizer stands: 0 makes a weekly series that begins tomorrow, others are spread over 60 days before and 90
-- after today, at which nothing begins. Each person has a copy in their own mailbox, the first one organizes.
WITH meeting AS MATERIALIZED (
  SELECT n, named.people, jsonb_build_object(
    'event_id', md5('meeting ' || $1::text || n)::uuid, 'uid', 'uid-' || $1::text || n, 'kind', 'single',
    'subject', 'Meeting ' || n, 'start_at', t.start_at, 'end_at', t.start_at + interval '45 minutes', 'all_day', false,
    'time_zone', 'Europe/Berlin', 'location', 'Aurora', 'preview', repeat('x', 200), 'organizer_address', named.people[1],
    'organizer_name', 'Person', 'attendees', named.attendees, 'free_busy', 'busy', 'sensitivity', 'normal',
    'is_private', false, 'is_meeting', true, 'is_cancelled', false, 'categories', '[]'::jsonb, 'reminder_minutes', 15,
    'join_links', '[]'::jsonb, 'last_modified', now(), 'view_digest', 'view', 'digest', 'digest', 'changed_fields', '[]'::jsonb,
    'organizer_person', named.people[1], 'attendee_people', named.people[2:], 'audience', named.audience, 'details', 'read',
    'is_room_copy', false) AS common
  FROM generate_series(0, $3::integer - 1) AS n,
       LATERAL (SELECT ('x' || left(md5(n::text), 7))::bit(28)::integer % 150 - 60 AS day) spread,
       LATERAL (
         SELECT date_trunc('hour', now()) + make_interval(
                  days => CASE WHEN $5::integer = 0 THEN 1 + n * 7 WHEN spread.day < 0 THEN spread.day ELSE spread.day + 2 END,
                  hours => n % 10) AS start_at
       ) t,
       LATERAL (
         SELECT array_agg(p.address ORDER BY k) AS people, array_agg(p.address ORDER BY p.address) AS audience,
                coalesce(jsonb_agg(jsonb_build_object('address', p.address, 'name', 'Person ' || k, 'role', 'required',
                  'response', 'notResponded') ORDER BY k) FILTER (WHERE k > 0), '[]') AS attendees
         FROM generate_series(0, $4::integer - 1) AS k,
              LATERAL (SELECT $1::text || lpad(((n * $5::integer + k * 13) % $2::integer)::text, 5, '0') || '@corp.example' AS address) p
       ) named
)
INSERT INTO calendar.event (:event_columns)
-- As a record: what a build has no column for is left out.
SELECT :event_columns FROM (
SELECT r.* FROM meeting m
CROSS JOIN generate_series(0, $4::integer - 1) AS k
JOIN calendar.mailbox b ON b.address = m.people[k + 1],
LATERAL jsonb_populate_record(NULL::calendar.event, m.common || jsonb_build_object(
  'mailbox_id', b.mailbox_id, 'item_id', 'item-' || m.n || '-' || k,
  'my_response', CASE k WHEN 0 THEN 'organizer' ELSE 'notResponded' END,
  'is_organizer_copy', k = 0, 'speaks', k = 0)) r
) copy
