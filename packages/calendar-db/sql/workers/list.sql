-- All registered workers and how long each has been silent, by the database's clock.
SELECT worker_id AS "workerId", kind, host, instance, pid, version,
       config_digests AS "configDigests", key_id AS "keyId", ops_address AS "opsAddress", lists, draining,
       started_at AS "startedAt", seen_at AS "seenAt",
       (extract(epoch FROM clock_timestamp() - seen_at) * 1000)::float8 AS "silentMs"
FROM calendar.worker
ORDER BY kind, host, instance, worker_id
