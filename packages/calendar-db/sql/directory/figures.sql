-- $1 provider: how many entries there are of each kind, null for those without an answer.
SELECT kind, count(*)::integer AS entries, count(*) FILTER (WHERE too_large)::integer AS "tooLarge"
FROM calendar.directory_entry WHERE provider = $1 GROUP BY kind
