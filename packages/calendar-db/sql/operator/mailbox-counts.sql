-- How the mailboxes are, provider by provider; what was synchronized longest ago shows how fresh the rest is at least.
SELECT provider, count(*)::integer AS mailboxes,
       count(*) FILTER (WHERE cached_at IS NOT NULL)::integer AS cached,
       count(*) FILTER (WHERE status = 'new')::integer AS "new",
       count(*) FILTER (WHERE status = 'ok')::integer AS ok,
       count(*) FILTER (WHERE suspect_since IS NOT NULL)::integer AS suspect,
       count(*) FILTER (WHERE status = 'stale')::integer AS stale,
       count(*) FILTER (WHERE status = 'denied')::integer AS denied,
       sum(unread_items)::integer AS "unreadItems",
       min(synced_at) FILTER (WHERE status = 'ok') AS "oldestSync"
FROM calendar.mailbox
GROUP BY provider
ORDER BY provider
