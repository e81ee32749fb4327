-- Forgets changes older than `p_keep`, oldest first and at most `p_most` at a time; the position up to which they are
-- gone is kept in the same transaction. Needs no lock of the log: what comes is not touched by what goes.
CREATE OR REPLACE FUNCTION calendar.prune_changes(p_keep interval, p_most integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  before CONSTANT timestamptz := statement_timestamp() - p_keep;
  last bigint;
  removed integer := 0;
BEGIN
  -- Nearly always the oldest one is to stay.
  IF coalesce((SELECT at FROM calendar.change ORDER BY seq LIMIT 1) >= before, true) THEN RETURN 0; END IF;
  SELECT max(seq) INTO last FROM (
    SELECT seq, at FROM calendar.change ORDER BY seq LIMIT p_most
  ) oldest WHERE at < before;
  IF last IS NOT NULL THEN
    UPDATE calendar.meta SET pruned_seq = greatest(pruned_seq, last);
    DELETE FROM calendar.change WHERE seq <= last;
    GET DIAGNOSTICS removed = ROW_COUNT;
  END IF;
  RETURN removed;
END
$$;
