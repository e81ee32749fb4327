-- $1 kinds of things: column, constraint, index, storage, view, trigger, function, type. What the catalogues say of each in the
-- schema: its kind, its name and how it is defined; of a function without its body, of which $1 = function brings a
-- digest. The text is the same on every supported version of Postgres.
WITH relation AS (
  SELECT c.oid, c.relname, c.relkind, c.reltype, c.reloptions
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'calendar'
)
SELECT kind, name COLLATE "C" AS name, definition, body FROM (
  SELECT CASE r.relkind WHEN 'c' THEN 'type' ELSE 'column' END AS kind, r.relname || '.' || a.attname AS name,
         concat_ws(' ', format_type(a.atttypid, a.atttypmod),
           CASE WHEN a.attnotnull THEN 'not null' END,
           CASE WHEN co.collname <> 'default' THEN 'collate ' || co.collname END,
           CASE WHEN a.attidentity <> '' THEN 'identity' END,
           CASE WHEN d.oid IS NOT NULL THEN CASE a.attgenerated WHEN '' THEN 'default ' ELSE 'generated ' END
             || regexp_replace(pg_get_expr(d.adbin, d.adrelid), '\s+', ' ', 'g') END) AS definition,
         NULL AS body
  FROM relation r
  JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
  LEFT JOIN pg_collation co ON co.oid = a.attcollation
  WHERE r.relkind IN ('r', 'p', 'v', 'c') AND ('column' = ANY ($1::text[]) OR 'type' = ANY ($1::text[]))
  UNION ALL
  SELECT 'constraint', r.relname || '.' || k.conname, pg_get_constraintdef(k.oid), NULL
  FROM relation r JOIN pg_constraint k ON k.conrelid = r.oid
  WHERE k.contype IN ('p', 'u', 'f', 'c') AND 'constraint' = ANY ($1::text[])
  UNION ALL
  SELECT 'index', r.relname || '.' || c.relname, regexp_replace(pg_get_indexdef(i.indexrelid), ' INDEX \S+ ON ', ' INDEX ON '), NULL
  FROM relation r JOIN pg_index i ON i.indrelid = r.oid JOIN pg_class c ON c.oid = i.indexrelid
  WHERE 'index' = ANY ($1::text[])
  UNION ALL
  SELECT 'storage', r.relname, array_to_string(r.reloptions, ' '), NULL
  FROM relation r WHERE r.relkind = 'r' AND r.reloptions IS NOT NULL AND 'storage' = ANY ($1::text[])
  UNION ALL
  SELECT 'view', r.relname, regexp_replace(pg_get_viewdef(r.oid), '\s+', ' ', 'g'), NULL
  FROM relation r WHERE r.relkind = 'v' AND 'view' = ANY ($1::text[])
  UNION ALL
  SELECT 'trigger', r.relname || '.' || t.tgname,
         concat_ws(' ', CASE t.tgenabled WHEN 'O' THEN 'enabled' WHEN 'A' THEN 'always' WHEN 'R' THEN 'replica' ELSE 'disabled' END,
           regexp_replace(pg_get_triggerdef(t.oid), '^CREATE TRIGGER \S+ ', '')), NULL
  FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal
  WHERE 'trigger' = ANY ($1::text[])
  UNION ALL
  SELECT 'function', p.proname || '(' || pg_get_function_arguments(p.oid) || ')',
         concat_ws(' ', 'returns', pg_get_function_result(p.oid), l.lanname,
           CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
           CASE p.proparallel WHEN 's' THEN 'parallel safe' END, CASE WHEN p.proisstrict THEN 'strict' END,
           CASE WHEN p.prosecdef THEN 'security definer' END, CASE WHEN p.prorows > 0 THEN 'rows ' || p.prorows END,
           array_to_string(p.proconfig, ' ')),
         md5(p.prosrc)
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
  WHERE n.nspname = 'calendar' AND 'function' = ANY ($1::text[])
) described
WHERE kind = ANY ($1::text[])
ORDER BY kind COLLATE "C", name
