-- $1 provider, $2 addresses. In key order, so that two who ask never wait for each other in a circle.
INSERT INTO calendar.directory_entry (provider, address)
SELECT DISTINCT $1::text, q.address FROM unnest($2::text[]) AS q (address)
WHERE NOT EXISTS (SELECT FROM calendar.directory_entry e WHERE e.provider = $1 AND e.address = q.address)
ORDER BY 2
ON CONFLICT DO NOTHING
