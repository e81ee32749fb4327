-- The sync groups there are, with what tells how fresh they are kept.
SELECT sync_group AS "group", count(*)::integer AS mailboxes,
       count(*) FILTER (WHERE status = 'denied')::integer AS denied,
       count(*) FILTER (WHERE status IN ('new', 'stale')
         AND (failures >= 3 OR synced_at < clock_timestamp() - interval '5 minutes'))::integer AS stale,
       count(*) FILTER (WHERE cached_at IS NULL)::integer AS uncached,
       extract(epoch FROM clock_timestamp() - min(synced_at) FILTER (WHERE status = 'ok'))::double precision AS "oldestSyncSeconds",
       greatest(0, extract(epoch FROM clock_timestamp() - min(greatest(calendar.sync_due_at(next_sync_at, wanted_at, last_error), lease_until, held_until)) FILTER (WHERE delisted_at IS NULL)))
         ::double precision AS "overdueSeconds"
FROM calendar.mailbox
WHERE sync_group IS NOT NULL
GROUP BY sync_group
ORDER BY sync_group
