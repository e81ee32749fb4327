-- In the calendar database: everything of ours lives in one schema, which the role owns.
GRANT CONNECT ON DATABASE :database TO :role;
CREATE SCHEMA IF NOT EXISTS calendar;
ALTER SCHEMA calendar OWNER TO :role;
-- Names the history of the database, so that a restored backup is not taken for the lost original.
GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO :role;
