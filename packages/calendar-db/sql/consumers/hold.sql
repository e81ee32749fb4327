-- No row: somebody else holds it, or it does not exist yet.
SELECT epoch, seq::double precision AS seq, config_digest AS "configDigest",
       extract(epoch FROM clock_timestamp() - full_pass_at)::double precision * 1000 AS "fullPassAgeMs"
FROM calendar.consumer WHERE name = $1 FOR UPDATE SKIP LOCKED
