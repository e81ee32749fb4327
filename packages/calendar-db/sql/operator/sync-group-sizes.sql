-- Mailboxes in each sync group, in the order in which the groups get streams.
SELECT provider, count(*)::integer AS mailboxes FROM calendar.mailbox
WHERE sync_group IS NOT NULL
GROUP BY provider, sync_group
ORDER BY sync_group
