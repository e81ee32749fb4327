-- The provider could not be asked: somebody tries again after $3 seconds.
UPDATE calendar.directory_entry SET asked_until = clock_timestamp() + make_interval(secs => $3::double precision)
WHERE provider = $1 AND address = ANY ($2::text[])
