-- Only the answers that were planned by: one that came meanwhile stays unplanned.
UPDATE calendar.address_map a SET unplanned = false
FROM (
  SELECT m.server_id, m.address FROM calendar.address_map m
  JOIN unnest($1::text[], $2::text[], $3::text[]) AS p (server_id, address, checked_at)
    ON m.server_id = p.server_id AND m.address = p.address AND m.checked_at::text = p.checked_at
  ORDER BY 1, 2 FOR UPDATE OF m
) planned
WHERE a.server_id = planned.server_id AND a.address = planned.address
