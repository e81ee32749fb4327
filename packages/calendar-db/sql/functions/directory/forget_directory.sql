-- Forgets what one provider said of some addresses that nothing names any more.
CREATE OR REPLACE FUNCTION calendar.forget_directory(p_provider text, p_addresses text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('calendar.naming', 'later', true);
  PERFORM calendar.lock_changes();
  DELETE FROM calendar.directory_entry WHERE provider = p_provider AND address = ANY (p_addresses);
  PERFORM calendar.derive_aliases(p_addresses);
  PERFORM calendar.derive_members(p_addresses);
END
$$;
