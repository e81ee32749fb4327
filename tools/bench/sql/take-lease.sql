-- $1 address: takes a lease for a day, as a sync worker does for a minute.
UPDATE calendar.mailbox SET lease_owner = gen_random_uuid(), lease_token = lease_token + 1, lease_until = now() + interval '1 day'
WHERE address = $1::text
RETURNING mailbox_id::double precision AS "mailboxId", provider, address, ews_url AS "ewsUrl", status, folder_id AS "folderId",
  sync_state AS "syncState", window_from AS "windowFrom", window_to AS "windowTo", activated_at AS "activatedAt",
  cached_at IS NOT NULL AS cached, auto_sync AS "autoSync", failures, NULL AS "lastError", synced_at AS "syncedAt",
  lease_owner AS "leaseOwner", lease_token::double precision AS "leaseToken", clock_timestamp() AS now
