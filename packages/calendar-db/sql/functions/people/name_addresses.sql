-- Derives anew who is meant by some addresses, wherever they are named, and tells `p_told` besides the people behind them.
-- Answers of a directory leave the copies to calendar.name_waiting.
CREATE OR REPLACE FUNCTION calendar.name_addresses(p_addresses text[], p_told text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM calendar.mailbox WHERE address = ANY (p_addresses) ORDER BY mailbox_id FOR UPDATE;
  UPDATE calendar.mailbox SET owner = calendar.canonical(address)
  WHERE address = ANY (p_addresses) AND owner <> calendar.canonical(address);
  IF current_setting('calendar.naming', true) = 'later' THEN
    INSERT INTO calendar.naming (address) SELECT DISTINCT unnest(p_addresses) ORDER BY 1
    ON CONFLICT (address) DO UPDATE SET after_event = excluded.after_event, after_mailbox = excluded.after_mailbox;
  ELSE
    PERFORM calendar.name_copies(array_agg(e.event_id), array_agg(e.mailbox_id))
    FROM calendar.event_audience a JOIN calendar.event e USING (event_id, audience_key) WHERE a.audience && p_addresses;
  END IF;
  PERFORM calendar.log_view_change('viewer', NULL, ARRAY(
    SELECT a FROM (SELECT unnest(p_addresses || p_told) UNION SELECT calendar.canonical(a) FROM unnest(p_addresses || p_told) a) told (a)
    ORDER BY a
  ));
END
$$;
