-- $1 servers that are not looked at, $2 grace in ms. Starts that are due and that nobody is at work on.
SELECT count(*)::integer AS overdue
FROM calendar.conference c JOIN calendar.conference_claim k USING (event_id)
WHERE c.due_at < statement_timestamp() - make_interval(secs => $2::double precision / 1000)
  AND c.state = 'ready' AND c.runs AND c.may_run AND c.wanted <> 'none'
  AND c.open_at < statement_timestamp() - make_interval(secs => $2::double precision / 1000)
  AND c.give_up_at > statement_timestamp()
  AND (k.lease_until IS NULL OR k.lease_until < statement_timestamp())
  AND (k.retry_at IS NULL OR k.retry_at < statement_timestamp() - make_interval(secs => $2::double precision / 1000))
  AND NOT c.held_server = ANY ($1::text[])
