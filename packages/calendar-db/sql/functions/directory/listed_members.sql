CREATE OR REPLACE FUNCTION calendar.listed_members(p_lists text[]) RETURNS TABLE (list text, member text) LANGUAGE sql STABLE AS $$
  SELECT DISTINCT e.address, m.member
  FROM calendar.directory_entry e, unnest(e.members) AS m (member)
  WHERE e.address = ANY (p_lists) AND e.kind = 'list' AND e.person = e.address AND NOT e.too_large AND m.member <> e.address
$$;
