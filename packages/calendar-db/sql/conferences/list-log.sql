SELECT event_id AS "eventId", server_id AS "serverId", cid, life, action, from_state AS "fromState", to_state AS "state",
       due_at AS "dueAt", requested_at AS "requestedAt", confirmed_at AS "confirmedAt", lateness_ms AS "latenessMs",
       attempt, actor, reason, at
FROM calendar.conference_log WHERE event_id = $1::uuid ORDER BY log_id
