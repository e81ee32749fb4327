-- What a mailbox's cache holds of some items ($2) and events ($3), as far as a diff needs it.
SELECT event_id AS "eventId", item_id AS "itemId", series_id AS "seriesId", view_digest AS "viewDigest",
       start_at AS start, end_at AS "end", last_modified AS "lastModified", gone_at IS NOT NULL AS gone
FROM calendar.event
WHERE mailbox_id = $1::bigint AND (item_id = ANY ($2::text[]) OR event_id = ANY ($3::uuid[]))
