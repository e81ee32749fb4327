-- $1 table: its size with indexes, megabytes; updates, how many of them stayed in their page; dead rows; vacuums by themselves.
SELECT pg_total_relation_size(s.relid) / 1048576.0::double precision AS mib, s.n_tup_upd::double precision AS updates,
       s.n_tup_hot_upd::double precision AS hot, s.n_dead_tup::double precision AS dead,
       s.autovacuum_count::double precision AS vacuums
FROM pg_stat_all_tables s WHERE s.schemaname = 'calendar' AND s.relname = $1::text
