SELECT calendar.age_out($1::bigint, $2::timestamptz) AS removed
