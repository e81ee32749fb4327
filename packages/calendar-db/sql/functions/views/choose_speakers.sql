-- Chooses which copy speaks for each of some events, the only text of the choice. The organizer's if there is one, a tombstone
-- included: an event that its organizer deleted is over, whatever stale copies say. Else a guest's, tombstones included, since
-- what a guest's copy said stays true when that guest deletes it:
--
-- 1. not a room's, from which Exchange deletes text and subject; not one that its owner made private; not one without details;
-- 2. of the organizer of the copy that spoke before, since an invitation can be sent under any UID;
-- 3. the highest sequence, then the latest stamp (RFC 5546 §2.1.5); among equal ones a cancellation;
-- 4. the copy that spoke before, else the one with the lowest mailbox id.
--
-- Called by the triggers of calendar.event, under the lock of the change log.
CREATE OR REPLACE FUNCTION calendar.choose_speakers(p_event_ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  silenced uuid[];
  chosen_events uuid[];
  chosen_mailboxes bigint[];
BEGIN
  IF cardinality(p_event_ids) = 0 THEN RETURN; END IF;
  SELECT array_agg(r.event_id) FILTER (WHERE r.speaks),
         array_agg(r.event_id) FILTER (WHERE NOT r.speaks), array_agg(r.mailbox_id) FILTER (WHERE NOT r.speaks)
  INTO silenced, chosen_events, chosen_mailboxes
  FROM (
    SELECT c.event_id, c.mailbox_id, c.speaks, row_number() OVER (
             PARTITION BY c.event_id
             ORDER BY c.is_organizer_copy DESC, c.is_room_copy, c.is_private, c.lacks_details,
                      c.spoke_for IS NOT NULL AND c.organizer_person IS DISTINCT FROM c.spoke_for,
                      c.sequence DESC NULLS LAST, c.stamp DESC NULLS LAST, c.is_cancelled DESC,
                      c.speaks DESC, c.mailbox_id
           ) = 1 AS is_chosen
    FROM (
      SELECT e.event_id, e.mailbox_id, e.speaks, e.is_organizer_copy, e.is_room_copy, e.is_private, e.organizer_person,
             e.sequence, e.stamp, e.is_cancelled, e.details = 'missing' AS lacks_details,
             max(e.organizer_person) FILTER (WHERE e.speaks) OVER (PARTITION BY e.event_id) AS spoke_for
      FROM unnest(p_event_ids) AS given (event_id)
      -- OFFSET: looked up event by event, whatever Postgres expects of the array.
      CROSS JOIN LATERAL (SELECT * FROM calendar.event WHERE event_id = given.event_id OFFSET 0) e
    ) c
  ) r
  WHERE r.speaks <> r.is_chosen;
  -- One at a time, since an event never has two.
  IF silenced IS NOT NULL THEN
    UPDATE calendar.event e SET speaks = false WHERE e.event_id = ANY (silenced) AND e.speaks;
  END IF;
  IF chosen_events IS NOT NULL THEN
    UPDATE calendar.event e SET speaks = true
    FROM unnest(chosen_events, chosen_mailboxes) AS c (event_id, mailbox_id)
    WHERE e.event_id = c.event_id AND e.mailbox_id = c.mailbox_id;
  END IF;
END
$$;
