-- $1 server, $2 how many, $3 per cent of them that are to be created now; the others begin later. No event stands behind them.
INSERT INTO calendar.conference (
  event_id, server_id, wanted, owner_id, topic, description, invitees, runs, starts_at, ends_at, create_at, open_at, give_up_at)
SELECT md5('conference ' || n)::uuid, $1::text, 'own', 'anna', 'Planning', '',
       '[{"id": "anna", "address": "anna@corp.example"}, {"id": "boris", "address": "boris@corp.example"}]', true, t.at,
       t.at + interval '1 hour', t.at - interval '1 hour', t.at, t.at + interval '30 minutes'
FROM generate_series(0, $2::integer - 1) AS n,
     LATERAL (SELECT now() + CASE WHEN n % 100 < $3::integer THEN interval '30 minutes' ELSE make_interval(days => 1 + n % 90) END AS at) t
