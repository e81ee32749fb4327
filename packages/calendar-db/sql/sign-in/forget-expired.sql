WITH tokens AS (
  DELETE FROM calendar.refresh_token WHERE expires_at <= statement_timestamp()
)
DELETE FROM calendar.auth_failure WHERE window_ends_at <= statement_timestamp()
