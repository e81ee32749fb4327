-- The last migration that was applied and is breaking; 0: none.
SELECT breaking_version AS breaking FROM calendar.meta
