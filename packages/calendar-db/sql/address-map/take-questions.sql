-- $1 server, $2 most, $3 seconds to answer, $4 hours a hit is good for, $5 hours a miss is good for. New questions first. Each
-- kind is read in the order of an index until there are enough: what is known and good is not looked at.
WITH new AS (
  SELECT address FROM calendar.address_map
  WHERE server_id = $1 AND checked_at IS NULL AND coalesce(asked_until, '-infinity') < statement_timestamp()
  ORDER BY coalesce(asked_until, '-infinity'), address LIMIT $2::integer
  FOR UPDATE SKIP LOCKED
), outdated AS (
  SELECT old.address
  FROM (VALUES (false, $4::double precision), (true, $5::double precision)) AS good (is_miss, hours)
  CROSS JOIN LATERAL (
    SELECT m.address, m.checked_at FROM calendar.address_map m
    WHERE m.server_id = $1 AND (m.trueconf_id IS NULL) = good.is_miss
      AND m.checked_at < statement_timestamp() - make_interval(secs => 3600 * good.hours)
      AND coalesce(m.asked_until, '-infinity') < statement_timestamp()
    ORDER BY m.checked_at LIMIT $2::integer
    FOR UPDATE SKIP LOCKED
  ) old
  ORDER BY old.checked_at, old.address LIMIT greatest($2::integer - (SELECT count(*) FROM new), 0)
)
UPDATE calendar.address_map a SET asked_until = clock_timestamp() + make_interval(secs => $3::double precision)
FROM (SELECT address FROM new UNION ALL SELECT address FROM outdated) q
WHERE a.server_id = $1 AND a.address = q.address
RETURNING a.address
