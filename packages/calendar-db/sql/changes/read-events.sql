-- $1 after this number, $2 most. What the planner reads of the change log: the event of each change that it has to plan, and
-- null for the others, since conferences are its own writes and what left the window is nothing to plan.
SELECT seq::double precision AS seq, CASE WHEN kind IN ('event', 'gone') THEN event_id END AS "eventId"
FROM calendar.change
WHERE seq > $1::bigint
ORDER BY seq
LIMIT $2::integer
