-- $1 id. Touches no column that the trigger watches: a heartbeat is no news.
UPDATE calendar.worker SET seen_at = clock_timestamp() WHERE worker_id = $1
