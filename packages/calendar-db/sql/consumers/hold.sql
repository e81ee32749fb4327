-- No row: another process holds it, or it does not exist yet.
SELECT epoch, seq::double precision AS seq, config_digest AS "configDigest",
       extract(epoch FROM clock_timestamp() - full_pass_at)::double precision * 1000 AS "fullPassAgeMs",
       pass_digest AS "passDigest", pass_after AS "passAfter",
       extract(epoch FROM clock_timestamp() - pass_moved_at)::double precision * 1000 AS "passIdleMs",
       mixed_rules AS "mixedRules"
FROM calendar.consumer WHERE name = $1 FOR UPDATE SKIP LOCKED
