-- $1 provider: about its rooms, and about every mailbox of it that nobody asked about yet.
INSERT INTO calendar.directory_entry (provider, address)
SELECT $1::text, q.address FROM (
  SELECT 'rooms:' AS address
  UNION ALL SELECT m.address FROM calendar.mailbox m WHERE m.provider = $1
) q
WHERE NOT EXISTS (SELECT FROM calendar.directory_entry e WHERE e.provider = $1 AND e.address = q.address)
ORDER BY 2
ON CONFLICT DO NOTHING
