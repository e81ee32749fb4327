-- When a conference that waits for its start is to be started; null: it is not started by us.
CREATE OR REPLACE FUNCTION calendar.start_at(p_runs boolean, p_may_run boolean, p_open_at timestamptz)
RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE WHEN p_runs AND p_may_run IS NOT FALSE THEN p_open_at END
$$;
