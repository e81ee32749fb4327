-- $1 sync-workers, each of which lists all mailboxes.
INSERT INTO calendar.worker (worker_id, kind, host, instance, pid, version, config_digests, lists, seen_at)
SELECT gen_random_uuid(), 'sync-worker', 'host', n, n, '0', '{}', l.lists, now() + interval '1 day'
FROM generate_series(1, $1::integer) AS n, (SELECT array_agg(address) AS lists FROM calendar.mailbox) l
