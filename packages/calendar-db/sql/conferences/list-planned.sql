-- $1 until. What a launcher would create, run and ring, and why not.
SELECT event_id AS "eventId", server_id AS "serverId", wanted, reason, state, failure, owner_id AS "ownerId", cid, url,
       runs, invitees, starts_at AS "startsAt", ends_at AS "endsAt", open_at AS "openAt"
FROM calendar.conference
WHERE ends_at > statement_timestamp() AND starts_at < $1
ORDER BY starts_at, event_id
