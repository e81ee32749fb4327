-- With several cached mailboxes of one person: what all of them cover.
SELECT v.viewer, count(m.mailbox_id) > 0 AS cached, max(m.window_from) AS "coveredFrom", min(m.window_to) AS "coveredTo"
FROM unnest($1::text[]) AS v (viewer)
LEFT JOIN calendar.mailbox m ON m.owner = v.viewer AND m.cached_at IS NOT NULL
GROUP BY v.viewer
