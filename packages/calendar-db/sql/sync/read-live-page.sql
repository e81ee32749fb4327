-- The live events of a mailbox by start, at most $4 of those after a start and event id ($2, $3).
SELECT event_id AS "eventId", item_id AS "itemId", series_id AS "seriesId", start_at AS start, end_at AS "end"
FROM calendar.event
WHERE mailbox_id = $1::bigint AND gone_at IS NULL
  AND start_at >= $2::timestamptz AND (start_at, event_id) > ($2::timestamptz, $3::uuid)
ORDER BY start_at, event_id
LIMIT $4::integer
