-- One row when the schema exists.
SELECT FROM pg_namespace WHERE nspname = 'calendar'
