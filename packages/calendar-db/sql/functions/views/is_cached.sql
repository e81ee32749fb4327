CREATE OR REPLACE FUNCTION calendar.is_cached(p_person text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM calendar.mailbox WHERE owner = p_person AND cached_at IS NOT NULL)
$$;
