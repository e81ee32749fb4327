-- $1 digest of a build's functions: whether the database has had them, and has them now; and which schema version older
-- builds cannot work with.
SELECT m.breaking_version AS breaking,
       EXISTS (SELECT FROM calendar.function_set WHERE digest = $1) AS had,
       coalesce((SELECT digest FROM calendar.function_set ORDER BY number DESC LIMIT 1) = $1, false) AS has
FROM calendar.meta m
