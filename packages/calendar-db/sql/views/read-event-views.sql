-- $1 viewers, $2 event ids (pairs), $3 may participants look. One row at least, which brings the log's head.
SELECT calendar.head()::double precision AS version, shown.*
FROM (SELECT 1) AS once
LEFT JOIN calendar.view_events($1::text[], $2::uuid[], $3) shown ON true
