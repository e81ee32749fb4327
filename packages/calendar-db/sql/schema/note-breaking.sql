-- $1 version of the last breaking migration.
UPDATE calendar.meta SET breaking_version = $1::integer
