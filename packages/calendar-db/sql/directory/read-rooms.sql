SELECT DISTINCT m.address FROM calendar.directory_entry e, unnest(e.members) AS m (address)
WHERE e.provider = $1 AND e.kind = 'rooms'
