-- $4 not null: a full pass by this configuration is complete.
UPDATE calendar.consumer SET
  epoch = $2, seq = $3::bigint, updated_at = clock_timestamp(),
  config_digest = coalesce($4::text, config_digest),
  full_pass_at = CASE WHEN $4 IS NULL THEN full_pass_at ELSE clock_timestamp() END
WHERE name = $1
