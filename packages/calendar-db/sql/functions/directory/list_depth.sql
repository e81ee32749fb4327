-- How many levels of lists within lists are followed.
CREATE OR REPLACE FUNCTION calendar.list_depth() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT 10
$$;
