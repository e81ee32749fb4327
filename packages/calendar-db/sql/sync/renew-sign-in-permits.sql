SELECT kept, stopped, doubtful, wanted, at::text
FROM calendar.renew_sign_in_permits($1::text, $2::text, $3::text, $4::uuid[], $5::double precision, $6::boolean)
