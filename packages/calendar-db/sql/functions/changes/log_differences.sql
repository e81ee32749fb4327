-- Logs what became different, in order of start, and tells the newest position. The organizer's copy shows itself in
-- everybody's view (responses, authority), whatever copies they see; another copy only in its owner's and in those of
-- people who have no cached mailbox of their own: for these a change of one copy can make another one the
-- authoritative, so all copies' audiences count.
CREATE OR REPLACE FUNCTION calendar.log_differences(p_differences calendar.difference[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  head bigint;
BEGIN
  IF cardinality(p_differences) = 0 THEN RETURN; END IF;
  WITH different AS MATERIALIZED (
    SELECT d.*, m.owner FROM unnest(p_differences) d LEFT JOIN calendar.mailbox m USING (mailbox_id)
  ), list AS MATERIALIZED (
    -- Copies of one event nearly always name the same people: each list is read and taken apart once for a difference.
    SELECT DISTINCT ON (e.event_id, e.audience_key) e.event_id, e.audience
    FROM calendar.event e WHERE e.event_id IN (SELECT d.event_id FROM different d)
  ), person AS MATERIALIZED (
    SELECT d.kind, d.event_id, d.mailbox_id, d.start_at, d.shows_to_all, d.owner, a.address
    FROM different d LEFT JOIN unnest(d.audience) AS a (address) ON true
    UNION
    SELECT d.kind, d.event_id, d.mailbox_id, d.start_at, d.shows_to_all, d.owner, a.address
    FROM different d JOIN list USING (event_id), unnest(list.audience) AS a (address)
  ), cached AS MATERIALIZED (
    SELECT DISTINCT m.owner FROM calendar.mailbox m
    WHERE m.owner = ANY (ARRAY(SELECT DISTINCT p.address FROM person p WHERE NOT p.shows_to_all)) AND m.cached_at IS NOT NULL
  ), logged AS (
    INSERT INTO calendar.change (kind, event_id, mailbox_id, audience)
    SELECT p.kind, p.event_id, p.mailbox_id,
           coalesce(array_agg(p.address ORDER BY p.address) FILTER (
             WHERE p.address IS NOT NULL AND (p.shows_to_all OR p.address = p.owner OR p.address NOT IN (SELECT c.owner FROM cached c))
           ), '{}')
    FROM person p
    GROUP BY p.kind, p.event_id, p.mailbox_id, p.start_at
    ORDER BY p.start_at, p.event_id
    RETURNING seq
  )
  SELECT max(seq) INTO head FROM logged;
  PERFORM pg_notify('calendar_change', head::text);
END
$$;
