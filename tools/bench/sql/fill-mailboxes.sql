-- $1 provider, $2 prefix of the addresses, $3 how many, $4 in a sync group. Cached mailboxes in which nothing is due for a day.
INSERT INTO calendar.mailbox (
  provider, address, owner, status, folder_id, sync_state, window_from, window_to, activated_at, cached_at, auto_sync,
  sync_group, synced_at, next_sync_at, place_due_at)
SELECT $1::text, p.address, p.address, 'ok', 'calendar', 'state', now() - interval '60 days', now() + interval '90 days',
       now(), now(), true, $1::text || '/' || n / $4::integer, now(), now() + interval '1 day', now() + interval '1 day'
FROM generate_series(0, $3::integer - 1) AS n,
     LATERAL (SELECT $2::text || lpad(n::text, 5, '0') || '@corp.example' AS address) p
ORDER BY n
