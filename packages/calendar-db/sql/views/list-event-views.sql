-- $1 viewers, $2 from, $3 to, $4 may participants look, $5 start and $6 event id after which the page begins (or null),
-- $7 most rows. One row at least, which brings the log's head.
SELECT calendar.head()::double precision AS version, shown.*
FROM (SELECT 1) AS once
LEFT JOIN calendar.view_range($1::text[], $2, $3, $4, $5, $6, $7) shown ON true
ORDER BY shown."start", shown."eventId", shown.viewer
