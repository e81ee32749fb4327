-- $1 viewers, $2 from, $3 to, $4 may participants look, $5 start and $6 event id after which the page begins (or null),
-- $7 most rows: rows that tie with the last one come too, so that a page never parts the viewers of one event.
SELECT calendar.head()::double precision AS version, shown.*
FROM (SELECT 1) AS once
LEFT JOIN (
  SELECT s.* FROM (
    SELECT array_agg(page.viewer) AS viewers, array_agg(page.event_id) AS event_ids,
           array_agg(page.mailbox_id) AS mailbox_ids, array_agg(page.own) AS own
    FROM (
      SELECT * FROM calendar.events_seen($1::text[], $2, $3, $4) c
      WHERE $5::timestamptz IS NULL OR (c.start_at, c.event_id) > ($5, $6::uuid)
      ORDER BY c.start_at, c.event_id
      FETCH FIRST $7 ROWS WITH TIES
    ) page
  ) seen, calendar.show_copies(seen.viewers, seen.event_ids, seen.mailbox_ids, seen.own) s
) shown ON true
ORDER BY shown."start", shown."eventId", shown.viewer
