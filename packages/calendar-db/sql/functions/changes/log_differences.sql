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
    SELECT d.*, m.owner FROM unnest(p_differences) WITH ORDINALITY AS d (kind, event_id, mailbox_id, start_at, shows_to_all, audience, place)
    LEFT JOIN calendar.mailbox m USING (mailbox_id)
  ), lists AS MATERIALIZED (
    SELECT a.event_id, array_agg(a.audience_key ORDER BY a.audience_key) AS keys
    FROM calendar.event_audience a WHERE a.event_id IN (SELECT d.event_id FROM different d)
    GROUP BY a.event_id
  ), crowd AS MATERIALIZED (
    -- Occurrences of a series nearly always concern the same people: who is to be told is worked out once for all of them.
    SELECT row_number() OVER () AS crowd, d.owner, d.shows_to_all, d.audience, min(d.event_id::text)::uuid AS event_id,
           array_agg(d.place) AS places
    FROM different d LEFT JOIN lists USING (event_id)
    GROUP BY d.owner, d.shows_to_all, d.audience, lists.keys
  ), person AS MATERIALIZED (
    SELECT c.crowd, a.address FROM crowd c, unnest(c.audience) AS a (address)
    UNION
    SELECT c.crowd, a.address
    FROM crowd c JOIN calendar.event_audience l USING (event_id), unnest(l.audience) AS a (address)
  ), cached AS MATERIALIZED (
    SELECT DISTINCT m.owner FROM calendar.mailbox m
    WHERE m.owner = ANY (ARRAY(SELECT DISTINCT p.address FROM person p JOIN crowd c USING (crowd) WHERE NOT c.shows_to_all))
      AND m.cached_at IS NOT NULL
  ), told AS MATERIALIZED (
    SELECT c.crowd, array_agg(p.address ORDER BY p.address) AS audience
    FROM person p JOIN crowd c USING (crowd)
    WHERE c.shows_to_all OR p.address = c.owner OR p.address NOT IN (SELECT owner FROM cached)
    GROUP BY c.crowd
  ), logged AS (
    INSERT INTO calendar.change (kind, event_id, mailbox_id, audience)
    SELECT d.kind, d.event_id, d.mailbox_id, coalesce(t.audience, '{}')
    FROM different d
    JOIN (SELECT c.crowd, unnest(c.places) AS place FROM crowd c) p USING (place)
    LEFT JOIN told t USING (crowd)
    ORDER BY d.start_at, d.event_id
    RETURNING seq
  )
  SELECT max(seq) INTO head FROM logged;
  PERFORM pg_notify('calendar_change', head::text);
END
$$;
