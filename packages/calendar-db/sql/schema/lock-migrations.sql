-- $1 number of the lock: held until the end of the transaction.
SELECT pg_advisory_xact_lock($1::bigint)
