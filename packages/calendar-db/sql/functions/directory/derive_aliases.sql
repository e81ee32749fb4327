-- Makes person_address say of some addresses what the providers say of them, and of those that lead to them. Aliases of
-- other sources stay. Needs the lock of the change log.
CREATE OR REPLACE FUNCTION calendar.derive_aliases(p_addresses text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  addresses text[] := ARRAY(
    SELECT unnest(p_addresses) UNION SELECT e.address FROM calendar.directory_entry e WHERE e.person = ANY (p_addresses));
BEGIN
  DELETE FROM calendar.person_address p USING calendar.meant_by(addresses) m
  WHERE p.source = 'directory' AND p.alias = m.alias AND (m.person IS NULL OR m.person = m.alias);
  INSERT INTO calendar.person_address AS known (alias, canonical, source)
  SELECT m.alias, m.person, 'directory' FROM calendar.meant_by(addresses) m
  WHERE m.person IS NOT NULL AND calendar.canonical(m.person) <> m.alias
    -- Written only where it differs: an update that changes nothing would take time under the lock.
    AND calendar.canonical(m.alias) <> calendar.canonical(m.person)
  ORDER BY m.alias
  ON CONFLICT (alias) DO UPDATE SET canonical = excluded.canonical, checked_at = clock_timestamp()
  WHERE known.source = 'directory';
END
$$;
