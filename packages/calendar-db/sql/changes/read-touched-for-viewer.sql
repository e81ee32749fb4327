-- $1 viewer, $2 his position, $3 up to which position, $4 most ids. For positions far back: through the audience index.
SELECT $2::bigint < m.pruned_seq OR coalesce(t.resync, false) AS resync, coalesce(t.event_ids, '{}') AS "eventIds"
FROM calendar.meta m
CROSS JOIN (
  SELECT bool_or(c.kind IN ('mailbox', 'viewer')) AS resync,
         (array_agg(DISTINCT c.event_id) FILTER (WHERE c.event_id IS NOT NULL))[1:$4::integer + 1]::text[] AS event_ids
  FROM calendar.change c
  WHERE c.audience @> ARRAY[$1::text] AND c.seq > $2::bigint AND c.seq <= $3::bigint AND c.kind <> 'aged'
) t
