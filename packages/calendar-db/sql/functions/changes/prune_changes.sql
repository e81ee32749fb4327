-- Forgets changes older than `p_keep`, oldest first and at most `p_most` at a time; the position up to which they are
-- gone is kept in the same transaction. Needs no lock of the log: what comes is not touched by what goes.
CREATE OR REPLACE FUNCTION calendar.prune_changes(p_keep interval, p_most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  last bigint;
  removed integer := 0;
BEGIN
  SELECT max(seq) INTO last FROM (
    SELECT seq, at FROM calendar.change ORDER BY seq LIMIT p_most
  ) oldest WHERE at < clock_timestamp() - p_keep;
  IF last IS NOT NULL THEN
    UPDATE calendar.meta SET pruned_seq = greatest(pruned_seq, last);
    DELETE FROM calendar.change WHERE seq <= last;
    GET DIAGNOSTICS removed = ROW_COUNT;
  END IF;
  RETURN removed;
END
$$;
