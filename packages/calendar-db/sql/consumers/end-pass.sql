-- $2 how many events the last page had.
UPDATE calendar.consumer c SET
  config_digest = p.pass_digest, full_pass_at = clock_timestamp(), updated_at = clock_timestamp(),
  pass_digest = NULL, pass_after = NULL, pass_events = NULL, pass_began_at = NULL, pass_moved_at = NULL
FROM calendar.consumer p
WHERE c.name = $1 AND p.name = c.name AND p.pass_digest IS NOT NULL
RETURNING p.pass_events + $2::integer AS events,
          extract(epoch FROM clock_timestamp() - p.pass_began_at)::double precision * 1000 AS ms
