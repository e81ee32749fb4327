-- $2 digest of the rules. Takes the place of a pass that is under way.
UPDATE calendar.consumer SET
  pass_digest = $2, pass_after = NULL, pass_events = 0, pass_began_at = clock_timestamp(),
  pass_moved_at = clock_timestamp(), mixed_rules = false, updated_at = clock_timestamp()
WHERE name = $1
