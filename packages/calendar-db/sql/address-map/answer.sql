-- $1 server, $2 addresses, $3 TrueConf IDs or nulls, $4 sources. Tells the planners when some answer is news.
WITH answered AS (
  UPDATE calendar.address_map a SET
    unplanned = a.unplanned OR a.checked_at IS NULL OR a.trueconf_id IS DISTINCT FROM n.trueconf_id,
    trueconf_id = n.trueconf_id, source = n.source, checked_at = clock_timestamp(), asked_until = NULL
  FROM (
    SELECT m.address, g.trueconf_id, g.source
    FROM calendar.address_map m
    JOIN unnest($2::text[], $3::text[], $4::text[]) AS g (address, trueconf_id, source) USING (address)
    WHERE m.server_id = $1
    ORDER BY m.address FOR UPDATE OF m
  ) n
  WHERE a.server_id = $1 AND a.address = n.address
  RETURNING a.unplanned
)
SELECT pg_notify('calendar_change', calendar.head()::text) FROM answered HAVING bool_or(unplanned)
