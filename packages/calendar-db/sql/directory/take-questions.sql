-- $1 provider, $2 most, $3 seconds to answer, then for how many seconds answers are good: $4 people, $5 lists, $6 rooms,
-- $7 those that know nothing. New questions first. "named": something names it still. Each kind is read in the order of an
-- index until there are enough: what is known and good is not looked at.
WITH new AS (
  SELECT address FROM calendar.directory_entry
  WHERE provider = $1 AND checked_at IS NULL AND coalesce(asked_until, '-infinity') < statement_timestamp()
  ORDER BY coalesce(asked_until, '-infinity'), address LIMIT $2::integer
  FOR UPDATE SKIP LOCKED
), outdated AS (
  SELECT old.address
  FROM (VALUES ('person', $4::double precision), ('list', $5::double precision), ('rooms', $6::double precision),
               ('miss', $7::double precision)) AS good (good_as, seconds)
  CROSS JOIN LATERAL (
    SELECT d.address, d.checked_at FROM calendar.directory_entry d
    WHERE d.provider = $1 AND d.good_as = good.good_as
      AND d.checked_at < statement_timestamp() - make_interval(secs => good.seconds)
      AND coalesce(d.asked_until, '-infinity') < statement_timestamp()
    ORDER BY d.checked_at LIMIT $2::integer
    FOR UPDATE SKIP LOCKED
  ) old
  ORDER BY old.checked_at, old.address LIMIT greatest($2::integer - (SELECT count(*) FROM new), 0)
)
UPDATE calendar.directory_entry e SET asked_until = clock_timestamp() + make_interval(secs => $3::double precision)
FROM (SELECT address FROM new UNION ALL SELECT address FROM outdated) q
WHERE e.provider = $1 AND e.address = q.address
RETURNING e.address, e.checked_at IS NULL OR calendar.is_named(e) AS named
