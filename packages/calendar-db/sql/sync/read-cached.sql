-- What a mailbox's cache holds of some items ($2) and events ($3), as far as a diff needs it.
SELECT event_id AS "eventId", item_id AS "itemId", series_id AS "seriesId", view_digest AS "viewDigest",
       subject, start_at AS start, end_at AS "end", last_modified AS "lastModified", details, duplicate_of AS "duplicateOf",
       duplicate_of IS NOT NULL AND NOT EXISTS (
         SELECT FROM calendar.event p WHERE p.event_id = e.duplicate_of AND p.mailbox_id = $1::bigint AND p.gone_at IS NULL
       ) AS "isAlone", gone_at IS NOT NULL AS gone
FROM calendar.event e
WHERE mailbox_id = $1::bigint AND (item_id = ANY ($2::text[]) OR event_id = ANY ($3::uuid[]))
