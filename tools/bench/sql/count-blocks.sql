-- Blocks of tables, indexes and TOAST that this session's transaction has asked for so far.
SELECT coalesce(sum(pg_stat_get_xact_blocks_fetched(c.oid)), 0)::double precision AS blocks
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('calendar', 'pg_toast') AND c.relkind IN ('r', 'i', 't')
