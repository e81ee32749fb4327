-- The schema's version, and the name of its first migration.
SELECT coalesce(max(version), 0)::integer AS version, min(name) FILTER (WHERE version = 1) AS first
FROM calendar.schema_version
