-- $1 prefix of the addresses, $2 mailboxes of that prefix, $3 meetings, $4 people in each, $5 how many places further the next
-- meeting's organizer stands: 0 makes a weekly series that begins tomorrow, others are spread over 60 days before and 90
-- after today, at which nothing begins. Each person has a copy in their own mailbox, the first one organizes.
WITH meeting AS MATERIALIZED (
  SELECT n, md5('meeting ' || $1::text || n)::uuid AS event_id,
         date_trunc('hour', now()) + make_interval(
           days => CASE WHEN $5::integer = 0 THEN 1 + n * 7 WHEN spread.day < 0 THEN spread.day ELSE spread.day + 2 END,
           hours => n % 10) AS start_at,
         named.*
  FROM generate_series(0, $3::integer - 1) AS n,
       LATERAL (SELECT ('x' || left(md5(n::text), 7))::bit(28)::integer % 150 - 60 AS day) spread,
       LATERAL (
         SELECT array_agg(p.address ORDER BY k) AS people, array_agg(p.address ORDER BY p.address) AS audience,
                coalesce(jsonb_agg(jsonb_build_object('address', p.address, 'name', 'Person ' || k, 'role', 'required',
                  'response', 'notResponded') ORDER BY k) FILTER (WHERE k > 0), '[]') AS attendees
         FROM generate_series(0, $4::integer - 1) AS k,
              LATERAL (SELECT $1::text || lpad(((n * $5::integer + k * 13) % $2::integer)::text, 5, '0') || '@corp.example' AS address) p
       ) named
)
INSERT INTO calendar.event (
  event_id, mailbox_id, uid, item_id, kind, subject, start_at, end_at, all_day, time_zone, location, preview,
  organizer_address, organizer_name, attendees, my_response, free_busy, sensitivity, is_private, is_meeting, is_cancelled,
  categories, reminder_minutes, join_links, last_modified, view_digest, digest, organizer_person, is_organizer_copy,
  attendee_people, audience)
SELECT m.event_id, b.mailbox_id, 'uid-' || $1::text || m.n, 'item-' || m.n || '-' || k, 'single', 'Meeting ' || m.n, m.start_at,
       m.start_at + interval '45 minutes', false, 'Europe/Berlin', 'Aurora', repeat('x', 200), m.people[1], 'Person', m.attendees,
       CASE k WHEN 0 THEN 'organizer' ELSE 'notResponded' END, 'busy', 'normal', false, true, false, '{}', 15, '{}', now(),
       'view', 'digest', m.people[1], k = 0, m.people[2:], m.audience
FROM meeting m
CROSS JOIN generate_series(0, $4::integer - 1) AS k
JOIN calendar.mailbox b ON b.address = m.people[k + 1]
