UPDATE calendar.consumer SET epoch = $2, seq = $3::bigint, updated_at = clock_timestamp() WHERE name = $1
