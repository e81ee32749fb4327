-- A sync failed: $4 status, $5 what happened (a code, no content), $6 seconds to wait, $7 whether it counts as a
-- failure, $8 whether nobody may synchronize it before, $9 whether the mailbox may be elsewhere now.
UPDATE calendar.mailbox
SET status = $4::text, failures = failures + $7::boolean::integer, last_error = $5::text, last_error_at = clock_timestamp(),
    held_until = CASE WHEN $8::boolean THEN clock_timestamp() + make_interval(secs => $6::double precision) ELSE held_until END,
    next_sync_at = clock_timestamp() + make_interval(secs => $6::double precision), lease_owner = NULL, lease_until = NULL,
    -- One that is found nowhere is not looked for ever and ever.
    place_due_at = CASE
      WHEN NOT $9::boolean THEN place_due_at
      WHEN $7::boolean THEN clock_timestamp() + least(greatest(failures - 2, 0), 10) * interval '1 minute'
      ELSE least(place_due_at, clock_timestamp() + interval '5 minutes') END
WHERE mailbox_id = $1::bigint AND lease_owner = $2::uuid AND lease_token = $3::bigint
RETURNING failures
