-- The Postgres session that answers.
SELECT pg_backend_pid() AS pid
