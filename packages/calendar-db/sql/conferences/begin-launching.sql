-- $1 whether this launcher may start conferences at all. Returns since when any launcher could.
WITH begun AS (
  UPDATE calendar.meta SET launching_since = clock_timestamp() WHERE $1::boolean AND launching_since IS NULL
  RETURNING launching_since
)
SELECT coalesce((SELECT launching_since FROM begun), (SELECT launching_since FROM calendar.meta)) AS since
