-- Makes group_member say of some lists what the providers say of them. Needs the lock of the change log.
CREATE OR REPLACE FUNCTION calendar.derive_members(p_lists text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM calendar.group_member g
  WHERE g.list = ANY (p_lists)
    AND NOT EXISTS (SELECT FROM calendar.listed_members(p_lists) l WHERE l.list = g.list AND l.member = g.member);
  INSERT INTO calendar.group_member (list, member)
  SELECT l.list, l.member FROM calendar.listed_members(p_lists) l
  WHERE NOT EXISTS (SELECT FROM calendar.group_member g WHERE g.list = l.list AND g.member = l.member)
  ORDER BY 1, 2;
END
$$;
