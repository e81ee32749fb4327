-- Whether an invitation (sequence and stamp) replaces another one by RFC 5546 §2.1.5. A server that tells no sequence numbers
-- tells nothing to compare: what it says last counts.
CREATE OR REPLACE FUNCTION calendar.is_newer_invitation(
  p_sequence integer, p_stamp timestamptz, p_than_sequence integer, p_than_stamp timestamptz
) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT p_sequence IS NULL OR p_than_sequence IS NULL OR p_sequence > p_than_sequence
    OR p_sequence = p_than_sequence AND p_stamp IS NOT NULL AND (p_than_stamp IS NULL OR p_stamp > p_than_stamp)
$$;
