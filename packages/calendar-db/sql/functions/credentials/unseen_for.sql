-- For so long after the last of them, uses of a password whose outcome nobody saw count as refusals: directories forget the
-- failed sign-ins that they count towards locking an account after half an hour, as a rule.
CREATE OR REPLACE FUNCTION calendar.unseen_for() RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT interval '30 minutes'
$$;
