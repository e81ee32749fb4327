-- Whether migrations were ever applied.
SELECT to_regclass('calendar.schema_version') IS NOT NULL AS there
