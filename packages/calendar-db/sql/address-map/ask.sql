-- In key order, so that two who ask never wait for each other in a circle.
INSERT INTO calendar.address_map (server_id, address)
SELECT DISTINCT q.server_id, q.address FROM unnest($1::text[], $2::text[]) AS q (server_id, address)
ORDER BY 1, 2
ON CONFLICT DO NOTHING
