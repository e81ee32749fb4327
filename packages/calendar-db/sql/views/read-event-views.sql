-- $1 viewers, $2 event ids (pairs), $3 may participants look. One row at least, which brings the log's head.
SELECT calendar.head()::double precision AS version, shown.*
FROM (SELECT 1) AS once
LEFT JOIN (
  SELECT s.* FROM (
    SELECT array_agg(c.viewer) AS viewers, array_agg(c.event_id) AS event_ids,
           array_agg(c.mailbox_id) AS mailbox_ids, array_agg(c.own) AS own
    FROM calendar.copies_seen($1::text[], $2::uuid[], $3) c
  ) seen, calendar.show_copies(seen.viewers, seen.event_ids, seen.mailbox_ids, seen.own) s
) shown ON true
