-- $1 provider, $2 addresses: those listed again lose their removal mark.
UPDATE calendar.mailbox SET delisted_at = NULL, removal_confirmed = false
WHERE address = ANY ($2::text[]) AND provider = $1::text AND delisted_at IS NOT NULL
