-- $1 provider, $2 mailboxes per group. Mailboxes without a group join those of their provider that have room, the
-- fullest first, then new ones.
WITH held AS (
  SELECT sync_group, count(*) AS mailboxes FROM calendar.mailbox
  WHERE provider = $1::text AND sync_group IS NOT NULL GROUP BY sync_group
), free AS (
  SELECT sync_group, row_number() OVER (ORDER BY mailboxes DESC, sync_group) AS place
  FROM held, generate_series(mailboxes + 1, $2::integer)
), totals AS (
  SELECT (SELECT count(*) FROM free) AS free,
         (SELECT coalesce(max(substring(sync_group FROM '[0-9]+$')::integer), 0) FROM held) AS last
), homeless AS (
  SELECT mailbox_id, row_number() OVER (ORDER BY address) AS place
  FROM calendar.mailbox WHERE provider = $1::text AND sync_group IS NULL
)
UPDATE calendar.mailbox m
SET sync_group = coalesce(free.sync_group,
                          $1::text || '/' || (totals.last + 1 + (homeless.place - totals.free - 1) / $2::integer))
FROM totals, homeless LEFT JOIN free USING (place)
WHERE m.mailbox_id = homeless.mailbox_id
