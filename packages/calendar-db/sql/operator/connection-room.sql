-- How many connections Postgres lets this role open to this database, and how many there are of all roles and databases.
SELECT current_setting('max_connections')::integer AS "mostConnections",
       current_setting('superuser_reserved_connections')::integer
         + coalesce(current_setting('reserved_connections', true)::integer, 0) AS reserved,
       (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user AND rolconnlimit >= 0) AS "roleLimit",
       (SELECT datconnlimit FROM pg_database WHERE datname = current_database() AND datconnlimit >= 0) AS "databaseLimit",
       (SELECT sum(numbackends)::integer FROM pg_stat_database) AS "openNow"
