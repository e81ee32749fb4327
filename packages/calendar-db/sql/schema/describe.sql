-- Everything in the schema as one line each: what kind of thing, where, and how it is defined. Reads catalogs only, so
-- the text is the same on every supported version of Postgres.
WITH relation AS (
  SELECT c.oid, c.relname, c.relkind
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = 'calendar'
)
SELECT line COLLATE "C" AS line FROM (
  SELECT concat_ws(' ', 'column', r.relname || '.' || a.attname, format_type(a.atttypid, a.atttypmod),
           CASE WHEN a.attnotnull THEN 'not null' END,
           CASE WHEN co.collname <> 'default' THEN 'collate ' || co.collname END,
           CASE WHEN a.attidentity <> '' THEN 'identity' END,
           CASE WHEN a.attgenerated <> '' THEN 'generated' END,
           CASE WHEN d.oid IS NOT NULL AND a.attgenerated = '' THEN 'default ' || pg_get_expr(d.adbin, d.adrelid) END,
           CASE WHEN d.oid IS NOT NULL AND a.attgenerated <> '' THEN md5(pg_get_expr(d.adbin, d.adrelid)) END) AS line
  FROM relation r
  JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
  LEFT JOIN pg_collation co ON co.oid = a.attcollation
  WHERE r.relkind IN ('r', 'p', 'v')
  UNION ALL
  SELECT concat_ws(' ', 'constraint', r.relname || '.' || k.conname, pg_get_constraintdef(k.oid))
  FROM relation r JOIN pg_constraint k ON k.conrelid = r.oid
  WHERE k.contype IN ('p', 'u', 'f', 'c')
  UNION ALL
  SELECT concat_ws(' ', 'index', pg_get_indexdef(i.indexrelid))
  FROM relation r JOIN pg_index i ON i.indrelid = r.oid
  UNION ALL
  SELECT concat_ws(' ', 'view', r.relname, md5(regexp_replace(pg_get_viewdef(r.oid), '\s+', ' ', 'g')))
  FROM relation r WHERE r.relkind = 'v'
  UNION ALL
  SELECT concat_ws(' ', 'trigger', r.relname || '.' || t.tgname, 'runs', p.proname)
  FROM relation r
  JOIN pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal
  JOIN pg_proc p ON p.oid = t.tgfoid
  UNION ALL
  SELECT concat_ws(' ', 'function', p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
           'returns', pg_get_function_result(p.oid))
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE n.nspname = 'calendar'
) described
ORDER BY line
