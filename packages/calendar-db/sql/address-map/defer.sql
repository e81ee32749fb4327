-- The server could not be asked: somebody tries again after a while.
UPDATE calendar.address_map SET asked_until = clock_timestamp() + make_interval(secs => $3::double precision / 1000)
WHERE server_id = $1 AND address = ANY ($2::text[])
