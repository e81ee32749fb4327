-- $1 id, $2 kind, $3 host, $4 instance, $5 pid, $6 version, $7 digests, $8 key id, $9 ops address, $10 lists, $11 draining.
-- Two processes cannot listen on one address of one host, so whoever stood there before is gone, killed perhaps.
WITH gone AS (
  DELETE FROM calendar.worker
  WHERE host = $3 AND ops_address = $9 AND worker_id <> $1
)
INSERT INTO calendar.worker (worker_id, kind, host, instance, pid, version, config_digests, key_id, ops_address, lists, draining)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (worker_id) DO UPDATE
SET config_digests = excluded.config_digests,
    key_id = excluded.key_id,
    ops_address = excluded.ops_address,
    lists = excluded.lists,
    draining = excluded.draining,
    seen_at = clock_timestamp()
