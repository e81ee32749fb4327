-- $1 server, $2 most, $3 seconds to answer, $4 hours a hit is good for, $5 hours a miss is good for.
UPDATE calendar.address_map a SET asked_until = clock_timestamp() + make_interval(secs => $3::double precision)
FROM (
  SELECT server_id, address FROM calendar.address_map
  WHERE server_id = $1
    AND (checked_at IS NULL OR checked_at < clock_timestamp() - make_interval(
          secs => 3600 * CASE WHEN trueconf_id IS NULL THEN $5::double precision ELSE $4::double precision END))
    AND (asked_until IS NULL OR asked_until < clock_timestamp())
  ORDER BY checked_at NULLS FIRST, address LIMIT $2::integer
  FOR UPDATE SKIP LOCKED
) q
WHERE a.server_id = q.server_id AND a.address = q.address
RETURNING a.address
