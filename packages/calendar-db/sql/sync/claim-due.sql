-- $1 worker, $2 its groups, $3 how many at most, $4 lease in seconds, $5 and $6 the mailboxes that its configuration
-- lists, as pairs of provider and address, $7 seconds after which a mailbox that its group's owner does not take may be
-- taken by anybody who lists it.
WITH due AS (
  SELECT mailbox_id FROM calendar.mailbox
  WHERE (sync_group = ANY ($2::text[]) OR next_sync_at <= clock_timestamp() - make_interval(secs => $7::double precision))
    AND (provider, address) IN (SELECT * FROM unnest($5::text[], $6::text[]))
    AND next_sync_at <= clock_timestamp()
    AND (lease_until IS NULL OR lease_until <= clock_timestamp())
    AND (held_until IS NULL OR held_until <= clock_timestamp())
  ORDER BY next_sync_at
  LIMIT $3::integer
  FOR UPDATE SKIP LOCKED
)
UPDATE calendar.mailbox m
SET lease_owner = $1::uuid, lease_token = lease_token + 1,
    lease_until = clock_timestamp() + make_interval(secs => $4::double precision)
FROM due WHERE m.mailbox_id = due.mailbox_id
RETURNING m.mailbox_id::double precision AS "mailboxId", m.provider, m.address, m.status, m.folder_id AS "folderId",
  m.sync_state AS "syncState", m.window_from AS "windowFrom", m.window_to AS "windowTo", m.activated_at AS "activatedAt",
  m.cached_at IS NOT NULL AS cached, m.auto_sync AS "autoSync", m.failures, m.last_error AS "lastError", m.synced_at AS "syncedAt",
  m.lease_owner AS "leaseOwner", m.lease_token::double precision AS "leaseToken", clock_timestamp() AS now
