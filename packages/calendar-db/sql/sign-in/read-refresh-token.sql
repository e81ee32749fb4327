-- $1 hash
SELECT server_id AS "serverId", user_id AS "userId"
FROM calendar.refresh_token
WHERE token_hash = $1::bytea AND expires_at > statement_timestamp()
