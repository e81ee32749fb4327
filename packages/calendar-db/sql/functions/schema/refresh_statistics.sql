-- Gives the query planner statistics of tables that have become much larger since their last: autovacuum comes minutes after a
-- first sync has begun, and until then queries are planned as for empty tables. Returns the tables. Tables of
-- other owners are left alone: only the owner can do it.
CREATE OR REPLACE FUNCTION calendar.refresh_statistics() RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  grown text[];
  name text;
BEGIN
  -- One worker is enough.
  IF NOT pg_try_advisory_xact_lock(hashtextextended('calendar.statistics', 0)) THEN RETURN '{}'; END IF;
  SELECT coalesce(array_agg(c.relname::text ORDER BY c.relname), '{}') INTO grown
  FROM pg_class c
  WHERE c.oid IN ('calendar.mailbox'::regclass, 'calendar.event'::regclass, 'calendar.event_audience'::regclass,
                  'calendar.directory_entry'::regclass, 'calendar.conference'::regclass, 'calendar.conference_claim'::regclass)
    AND pg_has_role(c.relowner, 'USAGE')
    AND pg_relation_size(c.oid) / current_setting('block_size')::bigint > 2 * c.relpages + 10;
  FOREACH name IN ARRAY grown LOOP
    EXECUTE format('ANALYZE calendar.%I', name);
  END LOOP;
  RETURN grown;
END
$$;
