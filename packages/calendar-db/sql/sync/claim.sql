-- $1 worker, $2 and $3 mailboxes and their providers, $4 lease in seconds. Those that are due still. What was wanted until
-- now is served by the sync that begins: the mark goes, and one that comes meanwhile makes the mailbox due once more. Until
-- that sync has ended the mailbox stays due, so that another one follows when its worker dies.
WITH due AS (
  SELECT m.mailbox_id FROM calendar.mailbox m
  JOIN unnest($2::bigint[], $3::text[]) AS meant (mailbox_id, provider) USING (mailbox_id, provider)
  WHERE calendar.sync_due_at(m) <= clock_timestamp()
  FOR UPDATE OF m SKIP LOCKED
)
UPDATE calendar.mailbox m
SET lease_owner = $1::uuid, lease_token = lease_token + 1, wanted_at = NULL, next_sync_at = least(next_sync_at, clock_timestamp()),
    lease_until = clock_timestamp() + make_interval(secs => $4::double precision)
FROM due WHERE m.mailbox_id = due.mailbox_id
RETURNING m.mailbox_id::double precision AS "mailboxId", m.provider, m.address, m.ews_url AS "ewsUrl", m.status, m.folder_id AS "folderId",
  m.sync_state AS "syncState", m.window_from AS "windowFrom", m.window_to AS "windowTo", m.activated_at AS "activatedAt",
  m.cached_at IS NOT NULL AS cached, m.auto_sync AS "autoSync", m.failures, CASE WHEN m.error_code IS NOT NULL THEN jsonb_build_object('code', m.error_code,
    'errorClass', m.error_class, 'detail', m.error_detail, 'operation', m.error_operation) END AS "lastError", m.synced_at AS "syncedAt",
  m.unread_items AS "unreadItems", m.unread_tries AS "unreadTries", m.reread_at AS "rereadAt", CASE WHEN m.suspect_since IS NOT NULL THEN
    jsonb_build_object('sinceMs', extract(epoch FROM m.suspect_since) * 1000, 'views', m.suspect_views, 'lost', m.suspect_lost,
      'of', m.suspect_of, 'confirmed', m.suspect_confirmed) END AS suspicion,
  m.lease_owner AS "leaseOwner", m.lease_token::double precision AS "leaseToken", clock_timestamp() AS now
