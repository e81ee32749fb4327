-- Before this nobody may claim a conference: it is leased, or its last try is to be repeated later, unless the planner has
-- changed its mind since. Null: it may be claimed at any time.
CREATE OR REPLACE FUNCTION calendar.claimable_at(c calendar.conference, k calendar.conference_claim)
RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT greatest(k.lease_until, CASE WHEN k.retry_version = c.wanted_version THEN k.retry_at END)
$$;
