SELECT granted, stopped, wait_ms AS "waitMs", doubtful, at::text
FROM calendar.take_sign_in_permit($1::text, $2::text, $3::text, $4::uuid, $5::double precision, $6::boolean, $7::integer)
