-- $1 consumer, $2 grace in ms. Changes of events that have been waiting for longer than that.
SELECT count(*)::integer AS waiting
FROM calendar.change
WHERE seq > coalesce((SELECT seq FROM calendar.consumer WHERE name = $1 AND epoch = calendar.epoch()), 0)
  AND kind IN ('event', 'gone') AND at < statement_timestamp() - make_interval(secs => $2::double precision / 1000)
