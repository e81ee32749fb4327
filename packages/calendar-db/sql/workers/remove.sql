-- $1 id.
DELETE FROM calendar.worker WHERE worker_id = $1
