-- $1 servers that are not looked at, $2 grace in ms. Starts that have been due for so long without anybody at work on them.
SELECT count(*)::integer AS overdue
FROM calendar.conference c
JOIN calendar.conference_claim k USING (event_id)
CROSS JOIN LATERAL (SELECT statement_timestamp() - make_interval(secs => $2::double precision / 1000) AS since) g
WHERE c.state = 'ready' AND calendar.start_at(c.runs, c.may_run, c.open_at) < g.since
  AND coalesce(calendar.claimable_at(c, k) < g.since, true)
  AND NOT c.held_server = ANY ($1::text[])
  AND calendar.next_step(c, k, false, false, g.since) IN ('run', 'checkRun')
  AND calendar.next_step(c, k, false, false, statement_timestamp()) IN ('run', 'checkRun')
