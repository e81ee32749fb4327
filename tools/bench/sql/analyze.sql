-- What autovacuum does after a while: the statistics of all tables.
ANALYZE
