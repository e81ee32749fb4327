-- Derives anew whom the next copies name that wait for it, at most `p_most`. Returns whether there were any to look for.
CREATE OR REPLACE FUNCTION calendar.name_waiting(p_most integer) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  turn calendar.naming;
  events uuid[];
  boxes bigint[];
BEGIN
  IF NOT EXISTS (SELECT FROM calendar.naming) THEN RETURN false; END IF;
  PERFORM calendar.lock_changes();
  SELECT * INTO turn FROM calendar.naming ORDER BY address LIMIT 1 FOR UPDATE;
  IF NOT FOUND THEN RETURN false; END IF;
  SELECT array_agg(c.event_id ORDER BY c.event_id, c.mailbox_id), array_agg(c.mailbox_id ORDER BY c.event_id, c.mailbox_id)
  INTO events, boxes
  FROM (
    SELECT e.event_id, e.mailbox_id FROM calendar.event_audience a JOIN calendar.event e USING (event_id, audience_key)
    WHERE a.audience @> ARRAY[turn.address] AND a.event_id >= turn.after_event
      AND (e.event_id, e.mailbox_id) > (turn.after_event, turn.after_mailbox)
    ORDER BY e.event_id, e.mailbox_id LIMIT p_most
  ) c;
  IF events IS NOT NULL THEN PERFORM calendar.name_copies(events, boxes); END IF;
  IF coalesce(cardinality(events), 0) < p_most THEN
    DELETE FROM calendar.naming WHERE address = turn.address;
  ELSE
    UPDATE calendar.naming SET after_event = events[p_most], after_mailbox = boxes[p_most] WHERE address = turn.address;
  END IF;
  RETURN true;
END
$$;
