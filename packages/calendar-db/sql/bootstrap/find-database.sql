-- $1 name of a database. One row when the server has it.
SELECT FROM pg_database WHERE datname = $1::text
