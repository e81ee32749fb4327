SELECT calendar.age_out($1::bigint, $2::timestamptz, $3::integer) AS removed
