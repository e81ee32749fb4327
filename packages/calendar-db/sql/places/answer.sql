-- $1 provider, then of each mailbox told: $2 address, $3 grouping, $4 EWS address (null: the provider's own); $5 seconds until
-- they are asked about again. Who changed place leaves its sync group; who is read elsewhere now is due at once.
UPDATE calendar.mailbox m SET
  grouping = told.grouping, ews_url = told.ews_url,
  place_due_at = clock_timestamp() + make_interval(secs => $5::double precision * (0.9 + random() * 0.2)),
  sync_group = CASE WHEN (m.grouping, m.ews_url) IS NOT DISTINCT FROM (told.grouping, told.ews_url) THEN m.sync_group END,
  next_sync_at = CASE WHEN m.ews_url IS DISTINCT FROM told.ews_url THEN clock_timestamp() ELSE m.next_sync_at END
FROM (SELECT m.mailbox_id, m.ews_url AS before, t.* FROM unnest($2::text[], $3::text[], $4::text[]) AS t (address, grouping, ews_url)
      JOIN calendar.mailbox m USING (address) WHERE m.provider = $1::text ORDER BY m.mailbox_id FOR NO KEY UPDATE OF m) told
WHERE m.mailbox_id = told.mailbox_id
RETURNING m.address, m.ews_url AS "ewsUrl", told.before IS DISTINCT FROM m.ews_url AS moved, m.sync_group IS NULL AS regrouped
