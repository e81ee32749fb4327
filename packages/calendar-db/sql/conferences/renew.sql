UPDATE calendar.conference_claim
SET lease_until = clock_timestamp() + make_interval(secs => $4::double precision / 1000)
WHERE event_id = $1::uuid AND owner = $2::uuid AND token = $3::bigint
