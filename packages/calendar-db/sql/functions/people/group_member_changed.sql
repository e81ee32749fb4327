-- Who joins or leaves a list touches the copies that hold the list, not all others that name him.
CREATE OR REPLACE FUNCTION calendar.group_member_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  lists text[];
  members text[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    SELECT array_agg(DISTINCT list), array_agg(DISTINCT member) INTO lists, members FROM new_rows;
  ELSIF TG_OP = 'DELETE' THEN
    SELECT array_agg(DISTINCT list), array_agg(DISTINCT member) INTO lists, members FROM old_rows;
  ELSE
    SELECT array_agg(DISTINCT list), array_agg(DISTINCT member) INTO lists, members
    FROM new_rows n FULL JOIN old_rows o USING (list, member)
    WHERE n.list IS NULL OR o.list IS NULL;
  END IF;
  IF lists IS NULL THEN RETURN NULL; END IF;
  PERFORM calendar.name_addresses(
    ARRAY(SELECT unnest(lists) UNION SELECT calendar.canonical(l) FROM unnest(lists) l), members);
  RETURN NULL;
END
$$;
