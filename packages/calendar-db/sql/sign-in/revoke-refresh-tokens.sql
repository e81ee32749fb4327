-- $1 server, $2 user
DELETE FROM calendar.refresh_token WHERE server_id = $1 AND user_id = $2
