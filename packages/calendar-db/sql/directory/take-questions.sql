-- $1 provider, $2 most, $3 seconds to answer, then for how many seconds answers are good: $4 people, $5 lists, $6 rooms,
-- $7 those that know nothing. New questions first. "named": something names it still.
UPDATE calendar.directory_entry e SET asked_until = clock_timestamp() + make_interval(secs => $3::double precision)
FROM (
  SELECT d.provider, d.address FROM calendar.directory_entry d
  WHERE d.provider = $1
    AND (d.checked_at IS NULL OR d.checked_at < clock_timestamp() - make_interval(secs => CASE
      WHEN d.misses > 0 OR d.kind IN ('unknown', 'ambiguous') THEN $7::double precision
      WHEN d.kind = 'list' THEN $5::double precision
      WHEN d.kind = 'rooms' THEN $6::double precision
      ELSE $4::double precision END))
    AND (d.asked_until IS NULL OR d.asked_until < clock_timestamp())
  ORDER BY d.checked_at NULLS FIRST, d.address LIMIT $2::integer
  FOR UPDATE SKIP LOCKED
) q
WHERE e.provider = q.provider AND e.address = q.address
RETURNING e.address, e.checked_at IS NULL OR calendar.is_named(e) AS named
