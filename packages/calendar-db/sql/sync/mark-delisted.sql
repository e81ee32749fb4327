-- A mailbox is delisted while no live sync-worker's configuration lists it ($1: seconds after which a silent worker is dead).
-- Workers of one configuration have the same list: it is taken apart once for all of them.
WITH listed AS (
  SELECT DISTINCT a.address
  FROM (SELECT DISTINCT lists FROM calendar.worker
        WHERE kind = 'sync-worker' AND seen_at > statement_timestamp() - make_interval(secs => $1::double precision)) worker,
       unnest(worker.lists) AS a (address)
)
UPDATE calendar.mailbox m
SET delisted_at = CASE WHEN l.address IS NULL THEN clock_timestamp() END,
    removal_confirmed = m.removal_confirmed AND l.address IS NULL
FROM calendar.mailbox k LEFT JOIN listed l ON l.address = k.address
WHERE m.mailbox_id = k.mailbox_id AND (m.delisted_at IS NULL) <> (l.address IS NOT NULL)
  AND EXISTS (SELECT FROM listed)
