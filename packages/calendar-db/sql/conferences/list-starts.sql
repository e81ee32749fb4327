-- $1 since. What was started, or tried, and how late.
SELECT event_id AS "eventId", server_id AS "serverId", cid, life, action, to_state AS "state", due_at AS "dueAt",
       requested_at AS "requestedAt", confirmed_at AS "confirmedAt", lateness_ms AS "latenessMs", attempt, actor, reason, at
FROM calendar.conference_log
WHERE at >= $1 AND (action IN ('run', 'checkRun', 'miss'))
ORDER BY log_id
