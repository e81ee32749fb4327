SELECT server_id AS "serverId", address, checked_at::text AS "checkedAt"
FROM calendar.address_map WHERE unplanned ORDER BY server_id, address LIMIT $1::integer
