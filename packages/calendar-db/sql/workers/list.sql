-- All registered workers and how long each has been silent, by the database's clock. Every worker asks each two seconds, so
-- the addresses that they list, ten thousand each perhaps, stay where they are.
SELECT worker_id AS "workerId", kind, host, instance, pid, version,
       config_digests AS "configDigests", key_id AS "keyId", ops_address AS "opsAddress", draining,
       started_at AS "startedAt", seen_at AS "seenAt",
       (extract(epoch FROM clock_timestamp() - seen_at) * 1000)::float8 AS "silentMs"
FROM calendar.worker
ORDER BY kind, host, instance, worker_id
