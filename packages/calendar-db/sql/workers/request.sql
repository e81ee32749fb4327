-- $1 payload: asks running workers for something.
SELECT pg_notify('calendar_worker', $1)
