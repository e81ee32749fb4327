SELECT calendar.apply_sync($1::bigint, $2::uuid, $3::bigint, $4::text, $5::jsonb, $6::uuid[], $7::jsonb) AS written
