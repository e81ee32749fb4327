-- Triggers of the schema and the functions that they run, each as a name and a text that differs when anything does.
SELECT ('trigger ' || c.relname || '.' || t.tgname) COLLATE "C" AS name,
       concat_ws(' ',
         CASE t.tgenabled WHEN 'O' THEN 'enabled' WHEN 'A' THEN 'always' WHEN 'R' THEN 'replica' ELSE 'disabled' END,
         'type=' || t.tgtype,
         'of=' || coalesce((SELECT string_agg(a.attname, ',' ORDER BY a.attname) FROM pg_attribute a
                            WHERE a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr)), ''),
         'old=' || coalesce(t.tgoldtable, ''), 'new=' || coalesce(t.tgnewtable, ''),
         'runs=' || p.proname) AS definition
FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_proc p ON p.oid = t.tgfoid
WHERE n.nspname = 'calendar' AND NOT t.tgisinternal
UNION ALL
SELECT ('function ' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')') COLLATE "C",
       concat_ws(' ', l.lanname, 'volatility=' || p.provolatile::text, 'body=' || md5(p.prosrc))
FROM pg_proc p
JOIN pg_namespace n ON n.oid = p.pronamespace
JOIN pg_language l ON l.oid = p.prolang
WHERE n.nspname = 'calendar'
ORDER BY name
