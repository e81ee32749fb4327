-- How many addresses are in each of some lists, as deep as calendar.list_depth says. Counting ends above
-- `p_most`.
CREATE OR REPLACE FUNCTION calendar.list_sizes(p_provider text, p_lists text[], p_most integer)
RETURNS TABLE (list text, size integer) LANGUAGE plpgsql STABLE AS $$
DECLARE
  known text[];
  level text[];
  depth integer;
BEGIN
  FOREACH list IN ARRAY coalesce(p_lists, '{}') LOOP
    known := ARRAY[list];
    level := known;
    depth := 0;
    WHILE depth < calendar.list_depth() AND cardinality(level) > 0 AND cardinality(known) - 1 <= p_most LOOP
      SELECT coalesce(array_agg(DISTINCT m.address), '{}') INTO level
      FROM calendar.directory_entry e, unnest(e.members) AS raw (address),
           LATERAL (SELECT calendar.canonical(raw.address)) AS m (address)
      WHERE e.provider = p_provider AND e.address = ANY (level) AND e.kind = 'list' AND m.address <> ALL (known);
      known := known || level;
      depth := depth + 1;
    END LOOP;
    size := cardinality(known) - 1;
    RETURN NEXT;
  END LOOP;
END
$$;
