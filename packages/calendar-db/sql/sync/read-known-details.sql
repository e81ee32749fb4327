-- What a mailbox's cache knows of the details of some items ($2), events ($3) and series ($4: UIDs, by any one plain occurrence).
-- The plain event of an item comes before its others, what is live before what is gone.
WITH known AS (
  SELECT e.*, e.item_id = ANY ($2::text[]) OR e.event_id = ANY ($3::uuid[]) AS is_named
  FROM calendar.event e
  WHERE e.mailbox_id = $1::bigint AND e.details <> 'missing'
    AND (e.item_id = ANY ($2::text[]) OR e.event_id = ANY ($3::uuid[]) OR (e.kind = 'occurrence' AND e.uid = ANY ($4::text[])))
), chosen AS (
  SELECT * FROM known WHERE is_named
  UNION ALL
  (SELECT DISTINCT ON (uid) * FROM known WHERE NOT is_named ORDER BY uid, gone_at IS NOT NULL, start_at DESC)
)
SELECT event_id AS "eventId", duplicate_of AS "duplicateOf", item_id AS "itemId", uid, kind, original_start AS "originalStart",
       series_id AS "seriesId", series_text AS "seriesText", preview, organizer_address AS "organizerAddress",
       organizer_name AS "organizerName", attendees, join_links AS "joinLinks", sensitivity
FROM chosen
ORDER BY gone_at IS NOT NULL, duplicate_of IS NOT NULL, event_id
