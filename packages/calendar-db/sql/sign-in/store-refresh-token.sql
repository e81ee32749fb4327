-- $1 hash, $2 server, $3 user, $4 seconds to live
INSERT INTO calendar.refresh_token (token_hash, server_id, user_id, expires_at)
VALUES ($1::bytea, $2, $3, clock_timestamp() + make_interval(secs => $4::double precision))
