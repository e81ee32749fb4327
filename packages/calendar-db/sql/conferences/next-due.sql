-- $1 server (null: steps that need none), $2 steps, $3 stop on cancel, $4 stop after end.
-- When the next of these steps may be claimed, unix ms; null: nothing is known to come.
SELECT extract(epoch FROM min(t.at))::double precision * 1000 AS "dueMs"
FROM (
  -- Due by its own facts: the end of its lease, its retry or what it waits for counts.
  SELECT CASE
           WHEN s.step = ANY ($2::text[])
             THEN greatest(statement_timestamp(), k.lease_until,
                           CASE WHEN k.retry_version = c.wanted_version THEN k.retry_at END)
           WHEN s.step IS NULL AND c.open_at > statement_timestamp() THEN c.open_at
           WHEN $1::text IS NULL AND c.state IN ('planned', 'ready')
             THEN greatest(CASE WHEN c.runs AND c.may_run IS NOT FALSE THEN c.give_up_at ELSE c.ends_at END,
                           k.lease_until, statement_timestamp() + interval '1 second')
         END AS at
  FROM calendar.conference c
  JOIN calendar.conference_claim k USING (event_id)
  CROSS JOIN LATERAL (SELECT calendar.next_step(c, k, statement_timestamp(), $3::boolean, $4::boolean) AS step) s
  WHERE c.due_at <= statement_timestamp()
    AND ($1 IS NULL OR coalesce(k.intent_server, c.held_server, c.server_id) = $1)
  UNION ALL
  (SELECT c.due_at
   FROM calendar.conference c JOIN calendar.conference_claim k USING (event_id)
   WHERE c.due_at > statement_timestamp() AND c.due_at < 'infinity'
     AND ($1 IS NULL OR coalesce(k.intent_server, c.held_server, c.server_id) = $1)
   ORDER BY c.due_at LIMIT 1)
) t
