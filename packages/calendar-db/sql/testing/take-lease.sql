-- $1 address: makes sure that the mailbox exists and takes its lease, as a sync worker does.
WITH known AS (
  INSERT INTO calendar.mailbox AS m (provider, address, owner, sync_group, lease_owner, lease_token, lease_until)
  VALUES ('test', $1::text, $1::text, 'test/1', gen_random_uuid(), 1, clock_timestamp() + interval '1 minute')
  ON CONFLICT (address) DO UPDATE SET
    lease_owner = excluded.lease_owner, lease_token = m.lease_token + 1, lease_until = excluded.lease_until
  RETURNING *
)
SELECT m.mailbox_id::double precision AS "mailboxId", m.provider, m.address, m.ews_url AS "ewsUrl", m.status, m.folder_id AS "folderId",
  m.sync_state AS "syncState", m.window_from AS "windowFrom", m.window_to AS "windowTo", m.activated_at AS "activatedAt",
  m.cached_at IS NOT NULL AS cached, m.auto_sync AS "autoSync", m.failures, CASE WHEN m.error_code IS NOT NULL THEN jsonb_build_object('code', m.error_code,
    'errorClass', m.error_class, 'detail', m.error_detail, 'operation', m.error_operation) END AS "lastError", m.synced_at AS "syncedAt",
  m.unread_items AS "unreadItems", m.unread_tries AS "unreadTries", m.reread_at AS "rereadAt", CASE WHEN m.suspect_since IS NOT NULL THEN
    jsonb_build_object('sinceMs', extract(epoch FROM m.suspect_since) * 1000, 'views', m.suspect_views, 'lost', m.suspect_lost,
      'of', m.suspect_of, 'confirmed', m.suspect_confirmed) END AS suspicion,
  m.lease_owner AS "leaseOwner", m.lease_token::double precision AS "leaseToken", clock_timestamp() AS now
FROM known m
