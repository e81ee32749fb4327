-- How many other events live by the same conference.
SELECT count(*)::integer AS holders
FROM calendar.conference
WHERE cid = $1 AND held_server = $2 AND event_id <> $3::uuid AND state IN ('ready', 'running', 'cancelling')
  AND wanted <> 'none'
