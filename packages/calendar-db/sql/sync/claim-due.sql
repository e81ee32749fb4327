-- $1 worker, $2 its groups, $3 how many at most, $4 lease in seconds, $5 and $6 the mailboxes that its configuration
-- lists, as pairs of provider and address, $7 seconds after which a mailbox that its group's owner does not take may be
-- taken by anybody who lists it. Those that something is known to have happened in come first. What was wanted until now
-- is served by the sync that begins: the mark goes, and one that comes meanwhile makes the mailbox due once more. Until
-- that sync has ended the mailbox stays due, so that another one follows when its worker dies.
WITH due AS (
  SELECT mailbox_id FROM calendar.mailbox
  WHERE (sync_group = ANY ($2::text[])
         OR calendar.sync_due_at(next_sync_at, wanted_at, last_error) <= clock_timestamp() - make_interval(secs => $7::double precision))
    AND (provider, address) IN (SELECT * FROM unnest($5::text[], $6::text[]))
    AND calendar.sync_due_at(next_sync_at, wanted_at, last_error) <= clock_timestamp()
    AND (lease_until IS NULL OR lease_until <= clock_timestamp())
    AND (held_until IS NULL OR held_until <= clock_timestamp())
  ORDER BY wanted_at > clock_timestamp() IS NOT FALSE, next_sync_at
  LIMIT $3::integer
  FOR UPDATE SKIP LOCKED
)
UPDATE calendar.mailbox m
SET lease_owner = $1::uuid, lease_token = lease_token + 1, wanted_at = NULL, next_sync_at = least(next_sync_at, clock_timestamp()),
    lease_until = clock_timestamp() + make_interval(secs => $4::double precision)
FROM due WHERE m.mailbox_id = due.mailbox_id
RETURNING m.mailbox_id::double precision AS "mailboxId", m.provider, m.address, m.ews_url AS "ewsUrl", m.status, m.folder_id AS "folderId",
  m.sync_state AS "syncState", m.window_from AS "windowFrom", m.window_to AS "windowTo", m.activated_at AS "activatedAt",
  m.cached_at IS NOT NULL AS cached, m.auto_sync AS "autoSync", m.failures, m.last_error AS "lastError", m.synced_at AS "syncedAt",
  m.lease_owner AS "leaseOwner", m.lease_token::double precision AS "leaseToken", clock_timestamp() AS now
