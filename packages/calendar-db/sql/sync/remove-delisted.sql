-- Removes mailboxes delisted for longer than $1 seconds. Losing over a fifth of all at once waits for an administrator.
WITH lost AS (
  SELECT mailbox_id, address, removal_confirmed, delisted_at FROM calendar.mailbox WHERE delisted_at IS NOT NULL
), ripe AS (
  SELECT mailbox_id FROM lost
  WHERE delisted_at < statement_timestamp() - make_interval(secs => $1::double precision)
    AND (removal_confirmed OR (SELECT count(*) FROM lost) * 5 <= (SELECT count(*) FROM calendar.mailbox))
), removed AS (
  DELETE FROM calendar.mailbox m USING ripe WHERE m.mailbox_id = ripe.mailbox_id RETURNING m.address
)
SELECT coalesce((SELECT array_agg(address) FROM removed), '{}') AS removed,
       (SELECT count(*) FROM lost WHERE NOT removal_confirmed
          AND (SELECT count(*) FROM lost) * 5 > (SELECT count(*) FROM calendar.mailbox))::integer AS waiting
