-- $1 server, $2 address, $3 TrueConf ID or null, $4 source. Tells the planners when the answer is news.
WITH answered AS (
  UPDATE calendar.address_map SET
    unplanned = unplanned OR checked_at IS NULL OR trueconf_id IS DISTINCT FROM $3,
    trueconf_id = $3, source = $4, checked_at = clock_timestamp(), asked_until = NULL
  WHERE server_id = $1 AND address = $2
  RETURNING unplanned
)
SELECT unplanned, CASE WHEN unplanned THEN pg_notify('calendar_change', calendar.head()::text) END FROM answered
