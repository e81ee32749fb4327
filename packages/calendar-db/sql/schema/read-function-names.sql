-- The functions of the schema by name, and how many signatures each has.
SELECT p.proname::text AS name, count(*)::integer AS signatures
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname = 'calendar'
GROUP BY p.proname
ORDER BY p.proname
