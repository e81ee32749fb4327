-- $1 provider, $2 mailboxes per group. Mailboxes without a group join those of their place (grouping and address) that have
-- room, the fullest first, then new ones.
WITH held AS (
  SELECT sync_group, grouping, ews_url, count(*) AS mailboxes FROM calendar.mailbox
  WHERE provider = $1::text AND sync_group IS NOT NULL GROUP BY sync_group, grouping, ews_url
), free AS (
  SELECT sync_group, grouping, ews_url,
         row_number() OVER (PARTITION BY grouping, ews_url ORDER BY mailboxes DESC, sync_group) AS seat
  FROM held, generate_series(mailboxes + 1, $2::integer)
), homeless AS (
  SELECT mailbox_id, grouping, ews_url, row_number() OVER (PARTITION BY grouping, ews_url ORDER BY address) AS seat
  FROM calendar.mailbox WHERE provider = $1::text AND sync_group IS NULL
), seated AS (
  SELECT h.mailbox_id, h.grouping, h.ews_url, f.sync_group,
         h.seat - (SELECT count(*) FROM free o
                   WHERE (o.grouping, o.ews_url) IS NOT DISTINCT FROM (h.grouping, h.ews_url)) AS beyond
  FROM homeless h LEFT JOIN free f
    ON f.seat = h.seat AND (f.grouping, f.ews_url) IS NOT DISTINCT FROM (h.grouping, h.ews_url)
), named AS (
  SELECT mailbox_id, coalesce(sync_group, $1::text || '/' || (
           (SELECT coalesce(max(substring(sync_group FROM '[0-9]+$')::integer), 0) FROM held)
           + dense_rank() OVER (PARTITION BY sync_group IS NULL ORDER BY grouping, ews_url, (beyond - 1) / $2::integer))) AS sync_group
  FROM seated
)
UPDATE calendar.mailbox m SET sync_group = named.sync_group FROM named WHERE m.mailbox_id = named.mailbox_id
