-- $2 last event of the page; null: the first page is not complete. $3 how many events it had.
UPDATE calendar.consumer SET
  pass_after = $2::uuid, pass_events = pass_events + $3::integer, pass_moved_at = clock_timestamp(),
  updated_at = clock_timestamp()
WHERE name = $1 AND pass_digest IS NOT NULL
