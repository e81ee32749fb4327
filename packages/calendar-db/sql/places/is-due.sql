-- Whether the place of any mailbox of the provider $1 is to be asked for.
SELECT EXISTS (
  SELECT FROM calendar.mailbox
  WHERE provider = $1::text AND delisted_at IS NULL AND place_due_at <= statement_timestamp()
) AS due
