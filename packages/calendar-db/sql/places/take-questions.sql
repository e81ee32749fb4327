-- Mailboxes of the provider $1 among $2 whose place is to be asked for, the longest due first, $3 at most. They are due again
-- after $4 seconds, should no answer come.
UPDATE calendar.mailbox m SET place_due_at = clock_timestamp() + make_interval(secs => $4::double precision)
FROM (
  SELECT mailbox_id FROM calendar.mailbox
  WHERE provider = $1::text AND delisted_at IS NULL AND place_due_at <= statement_timestamp()
    -- No condition for an index: nearly all mailboxes are among them, and few are due.
    AND (address || '') = ANY ($2::text[])
  ORDER BY place_due_at LIMIT $3::integer
  FOR NO KEY UPDATE SKIP LOCKED
) due
WHERE m.mailbox_id = due.mailbox_id
RETURNING m.address, m.ews_url AS "ewsUrl", m.lost OR (m.error_code IS NOT NULL AND m.ews_url IS NOT NULL) AS lost
