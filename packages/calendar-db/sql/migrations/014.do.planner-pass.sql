-- breaking: false
-- The full pass of a consumer, page by page: whoever holds its row goes on where the last page ended.
ALTER TABLE calendar.consumer
  -- By which rules the pass under way plans; null while none is under way.
  ADD COLUMN pass_digest text,
  -- Last event of the last page; null while the first page is still to come.
  ADD COLUMN pass_after uuid,
  ADD COLUMN pass_events integer,
  ADD COLUMN pass_began_at timestamptz,
  -- When its last page was planned, or it began.
  ADD COLUMN pass_moved_at timestamptz,
  -- Something was planned by other rules since the pass (the last one, if none is under way) began.
  ADD COLUMN mixed_rules boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT consumer_pass_check CHECK (
    num_nulls(pass_digest, pass_events, pass_began_at, pass_moved_at) IN (0, 4)
    AND (pass_after IS NULL OR pass_digest IS NOT NULL));
