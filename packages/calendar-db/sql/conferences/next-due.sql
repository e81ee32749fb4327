-- $1 server (null: steps that need none), $2 steps, $3 stop on cancel, $4 stop after end.
-- When the next of these steps may be claimed, unix ms; null: nothing is known to come.
SELECT extract(epoch FROM min(t.at))::double precision * 1000 AS "dueMs"
FROM (
  -- Something is due by its own facts: it, or what comes after it.
  SELECT greatest(s.at, calendar.claimable_at(c, k)) AS at
  FROM calendar.conference c
  JOIN calendar.conference_claim k USING (event_id)
  CROSS JOIN LATERAL (
    SELECT least(
      calendar.next_step_at(c, k.intent, k.intent_server, $3::boolean, $4::boolean, statement_timestamp(), $2::text[]),
      -- Once an open intent is resolved, which nobody tells of, a step that needs no server may be due at once.
      CASE WHEN $1::text IS NULL AND k.intent IS NOT NULL THEN greatest(statement_timestamp() + interval '1 second',
        calendar.next_step_at(c, NULL, NULL, $3::boolean, $4::boolean, statement_timestamp(), $2::text[])) END
    ) AS at
    OFFSET 0
  ) s
  WHERE c.due_at <= statement_timestamp() AND s.at IS NOT NULL
    AND ($1 IS NULL OR calendar.step_server(c, k) = $1)
  UNION ALL
  (SELECT c.due_at
   FROM calendar.conference c JOIN calendar.conference_claim k USING (event_id)
   WHERE c.due_at > statement_timestamp() AND c.due_at < 'infinity'
     AND ($1 IS NULL OR calendar.step_server(c, k) = $1)
   ORDER BY c.due_at LIMIT 1)
) t
