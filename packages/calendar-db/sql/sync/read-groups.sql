-- The sync groups there are, with what tells how fresh they are kept. A mailbox is stale that failed $1 times in a row, or
-- was not synchronized for $2 seconds.
SELECT sync_group AS "group", count(*)::integer AS mailboxes,
       count(*) FILTER (WHERE status = 'denied')::integer AS denied,
       count(*) FILTER (WHERE status IN ('new', 'stale')
         AND (failures >= $1::integer OR synced_at < statement_timestamp() - make_interval(secs => $2::double precision)))::integer AS stale,
       count(*) FILTER (WHERE cached_at IS NULL)::integer AS uncached,
       count(*) FILTER (WHERE suspect_since IS NOT NULL)::integer AS suspect,
       extract(epoch FROM clock_timestamp() - min(synced_at) FILTER (WHERE status = 'ok'))::double precision AS "oldestSyncSeconds",
       greatest(0, extract(epoch FROM clock_timestamp() - min(calendar.sync_due_at(m)) FILTER (WHERE delisted_at IS NULL)))
         ::double precision AS "overdueSeconds"
FROM calendar.mailbox m
WHERE sync_group IS NOT NULL
GROUP BY sync_group
ORDER BY sync_group
