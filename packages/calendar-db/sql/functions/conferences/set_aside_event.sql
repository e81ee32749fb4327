-- An event could not be planned. It is planned by itself, and not together with others, until that works. That is tried
-- after 1, 2, 4 … minutes, at most an hour, and when it was hastened since the attempt that saw `p_marks`. Its conference,
-- whose plan is out of date, is not started. Returns how often in a row it has failed; 0: nothing is kept, since the event
-- is over, or was planned by another attempt than that of `p_marks`.
CREATE OR REPLACE FUNCTION calendar.set_aside_event(p_event_id uuid, p_reason text, p_marks bigint) RETURNS integer
LANGUAGE plpgsql AS $$
DECLARE
  failed integer;
BEGIN
  IF NOT EXISTS (SELECT FROM calendar.event WHERE event_id = p_event_id AND end_at > clock_timestamp())
    AND NOT EXISTS (SELECT FROM calendar.conference WHERE event_id = p_event_id AND ends_at > clock_timestamp())
  THEN
    DELETE FROM calendar.set_aside_event WHERE event_id = p_event_id;
    RETURN 0;
  END IF;

  IF p_marks IS NOT NULL AND NOT EXISTS (SELECT FROM calendar.set_aside_event WHERE event_id = p_event_id) THEN
    RETURN 0;
  END IF;
  INSERT INTO calendar.set_aside_event AS s (event_id, reason, retry_at)
  VALUES (p_event_id, p_reason, clock_timestamp() + interval '1 minute')
  ON CONFLICT (event_id) DO UPDATE SET
    reason = excluded.reason, failures = s.failures + 1,
    retry_at = CASE WHEN s.marks > p_marks THEN s.retry_at
      ELSE clock_timestamp() + least(interval '1 minute' * 2 ^ least(s.failures, 6), interval '1 hour') END
  RETURNING s.failures INTO failed;

  IF EXISTS (SELECT FROM calendar.conference WHERE event_id = p_event_id AND runs) THEN
    BEGIN
      UPDATE calendar.conference SET runs = false, reason = 'not-plannable', wanted_version = wanted_version + 1
      WHERE event_id = p_event_id;
    EXCEPTION WHEN OTHERS OR query_canceled THEN
      -- The change cannot be logged, which may be the trouble. This alone is logged nowhere, and prevents the start.
      UPDATE calendar.conference SET runs = false WHERE event_id = p_event_id;
    END;
  END IF;
  RETURN failed;
END
$$;
