-- What the invitation said to a copy that its owner changed (`event.invited`). No row for null.
CREATE OR REPLACE FUNCTION calendar.as_invited(p_invited jsonb)
RETURNS TABLE (
  start_at timestamptz, end_at timestamptz, all_day boolean, start_date date, end_date date,
  subject text, location text, preview text, join_links text[]
) LANGUAGE sql STABLE ROWS 1 AS $$
  SELECT i.* FROM jsonb_to_record(p_invited) AS i (
    start_at timestamptz, end_at timestamptz, all_day boolean, start_date date, end_date date,
    subject text, location text, preview text, join_links text[])
  WHERE p_invited IS NOT NULL
$$;
