UPDATE calendar.credential SET attempt_until = clock_timestamp() + make_interval(secs => $2::float8)
WHERE attempt = $1::uuid
