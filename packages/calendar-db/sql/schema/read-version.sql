-- The last migration that was applied.
SELECT coalesce(max(version), 0)::integer AS version FROM calendar.schema_version
