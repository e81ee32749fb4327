-- $1 provider, $2 addresses, $3 mailboxes per group. New mailboxes join the fullest group of their provider that still
-- has room, in order; listed ones lose their removal mark. The lock keeps two workers from filling one group twice.
WITH locked AS MATERIALIZED (
  SELECT pg_advisory_xact_lock(hashtextextended('calendar.register', 0))
), missing AS (
  SELECT address, row_number() OVER (ORDER BY address) AS place
  FROM unnest($2::text[]) AS wanted (address), locked
  WHERE NOT EXISTS (SELECT FROM calendar.mailbox m WHERE m.address = wanted.address)
), held AS (
  SELECT count(*) AS mailboxes FROM calendar.mailbox, locked WHERE provider = $1::text
), added AS (
  INSERT INTO calendar.mailbox (provider, address, owner, sync_group)
  SELECT $1::text, address, calendar.canonical(address),
         $1::text || '/' || ((held.mailboxes + missing.place - 1) / $3::integer + 1)
  FROM missing, held
  ON CONFLICT (address) DO NOTHING
  RETURNING address
), relisted AS (
  UPDATE calendar.mailbox SET provider = $1::text, delisted_at = NULL, removal_confirmed = false
  WHERE address = ANY ($2::text[]) AND (delisted_at IS NOT NULL OR provider <> $1::text)
  RETURNING address
)
SELECT (SELECT count(*) FROM added)::integer AS added, (SELECT count(*) FROM relisted)::integer AS relisted
