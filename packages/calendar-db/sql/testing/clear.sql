-- Empties every table of ours but what migrations put there, numbers included.
DO $clear$
BEGIN
  EXECUTE (
    SELECT 'TRUNCATE ' || string_agg(format('calendar.%I', tablename), ', ') || ' RESTART IDENTITY'
    FROM pg_tables WHERE schemaname = 'calendar' AND tablename NOT IN ('meta', 'schema_version', 'function_set')
  );
  UPDATE calendar.meta SET pruned_seq = 0;
END
$clear$
