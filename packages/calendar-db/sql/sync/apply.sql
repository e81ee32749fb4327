SELECT calendar.apply_sync($1::bigint, $2::uuid, $3::bigint, $4::text, $5::jsonb, $6::jsonb, $7::uuid[], $8::jsonb) AS written
