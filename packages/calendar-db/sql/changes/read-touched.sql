-- $1 viewers, $2 their positions, $3 the smallest of these, $4 up to which position, $5 most ids per viewer.
-- One range scan over the log, joined to all who wait.
WITH waiting AS (
  SELECT w.place, w.viewer, w.after FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS w (viewer, after, place)
), named AS (
  SELECT c.seq, c.kind, c.event_id, person.address
  FROM calendar.change c, unnest(c.audience) AS person (address)
  WHERE c.seq > $3::bigint AND c.seq <= $4::bigint AND c.kind <> 'aged'
)
SELECT w.place::integer AS place, w.after < m.pruned_seq OR coalesce(t.resync, false) AS resync,
       coalesce(t.event_ids, '{}') AS "eventIds"
FROM waiting w
CROSS JOIN calendar.meta m
LEFT JOIN (
  SELECT place, bool_or(resync) AS resync,
         (array_agg(event_id ORDER BY event_id) FILTER (WHERE event_id IS NOT NULL))[1:$5::integer + 1]::text[] AS event_ids
  FROM (
    SELECT DISTINCT w.place, n.event_id, n.kind IN ('mailbox', 'viewer') AS resync
    FROM waiting w JOIN named n ON n.address = w.viewer AND n.seq > w.after
  ) once
  GROUP BY place
) t USING (place)
ORDER BY w.place
