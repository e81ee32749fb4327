-- What a copy says that only its organizer may change for others: kept in `event.invited` when a guest changes it.
CREATE OR REPLACE FUNCTION calendar.invitation(
  p_start_at timestamptz, p_end_at timestamptz, p_all_day boolean, p_start_date date, p_end_date date,
  p_subject text, p_location text, p_preview text, p_join_links text[]
) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'start_at', p_start_at, 'end_at', p_end_at, 'all_day', p_all_day, 'start_date', p_start_date, 'end_date', p_end_date,
    'subject', p_subject, 'location', p_location, 'preview', p_preview, 'join_links', p_join_links)
$$;
