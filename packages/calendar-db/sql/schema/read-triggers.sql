-- Triggers of the schema, the functions that they run and those which these call ($1: all functions), each as a name
-- and a text that differs when anything does. What fails loudly when it is not there is left out.
WITH RECURSIVE own AS (
  SELECT p.oid, p.proname, p.prosrc, p.provolatile, l.lanname
  FROM pg_proc p
  JOIN pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_language l ON l.oid = p.prolang
  WHERE n.nspname = 'calendar'
), present AS (
  SELECT t.*, c.relname, p.proname
  FROM pg_trigger t
  JOIN pg_class c ON c.oid = t.tgrelid
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_proc p ON p.oid = t.tgfoid
  WHERE n.nspname = 'calendar' AND NOT t.tgisinternal
), used AS (
  SELECT o.* FROM own o WHERE $1::boolean OR o.oid IN (SELECT tgfoid FROM present)
  UNION
  SELECT o.* FROM used u JOIN own o ON position('calendar.' || o.proname || '(' IN u.prosrc) > 0
)
SELECT ('trigger ' || t.relname || '.' || t.tgname) COLLATE "C" AS name,
       concat_ws(' ',
         CASE t.tgenabled WHEN 'O' THEN 'enabled' WHEN 'A' THEN 'always' WHEN 'R' THEN 'replica' ELSE 'disabled' END,
         'type=' || t.tgtype,
         'of=' || coalesce((SELECT string_agg(a.attname, ',' ORDER BY a.attname) FROM pg_attribute a
                            WHERE a.attrelid = t.tgrelid AND a.attnum = ANY (t.tgattr)), ''),
         'old=' || coalesce(t.tgoldtable, ''), 'new=' || coalesce(t.tgnewtable, ''),
         'runs=' || t.proname) AS definition
FROM present t
UNION ALL
SELECT ('function ' || u.proname || '(' || pg_get_function_identity_arguments(u.oid) || ')') COLLATE "C",
       concat_ws(' ', u.lanname, 'volatility=' || u.provolatile::text, 'body=' || md5(u.prosrc))
FROM used u
ORDER BY name
