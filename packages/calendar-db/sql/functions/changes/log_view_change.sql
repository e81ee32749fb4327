-- Logs one row without an event for people whose whole view may differ.
CREATE OR REPLACE FUNCTION calendar.log_view_change(p_kind text, p_mailbox_id bigint, p_audience text[]) RETURNS void LANGUAGE sql AS $$
  WITH logged AS (
    INSERT INTO calendar.change (kind, mailbox_id, audience) VALUES (p_kind, p_mailbox_id, p_audience) RETURNING seq
  )
  SELECT pg_notify('calendar_change', seq::text) FROM logged
$$;
