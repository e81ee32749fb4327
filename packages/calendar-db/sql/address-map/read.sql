-- $1 servers, $2 addresses
SELECT server_id AS "serverId", address, trueconf_id AS "trueconfId", checked_at IS NOT NULL AS known
FROM calendar.address_map WHERE server_id = ANY ($1::text[]) AND address = ANY ($2::text[])
