-- $1 subjects
UPDATE calendar.auth_failure SET failures = failures - 1
WHERE failures > 0 AND subject IN (SELECT s FROM unnest($1::text[]) AS s ORDER BY s)
