-- A sync failed: $4 status, $5 code of what happened, $6 its class, $7 the server's code for it, $8 what was asked (no
-- content), $9 seconds to wait, $10 whether it counts as a failure, $11 whether nobody may synchronize it before, $12 whether
-- the mailbox may be elsewhere now; from the $13th failure in a row on its place is asked for later and later.
UPDATE calendar.mailbox
SET status = $4::text, failures = failures + $10::boolean::integer, error_code = $5::text, error_class = $6::text,
    error_detail = $7::text, error_operation = $8::text, error_at = clock_timestamp(), lost = $12::boolean,
    held_until = CASE WHEN $11::boolean THEN clock_timestamp() + make_interval(secs => $9::double precision) ELSE held_until END,
    next_sync_at = clock_timestamp() + make_interval(secs => $9::double precision), lease_owner = NULL, lease_until = NULL,
    -- One that is found nowhere is not looked for ever and ever.
    place_due_at = CASE
      WHEN NOT $12::boolean THEN place_due_at
      WHEN $10::boolean THEN clock_timestamp() + least(greatest(failures + 1 - $13::integer, 0), 10) * interval '1 minute'
      ELSE least(place_due_at, clock_timestamp() + interval '5 minutes') END
WHERE mailbox_id = $1::bigint AND lease_owner = $2::uuid AND lease_token = $3::bigint
RETURNING failures
