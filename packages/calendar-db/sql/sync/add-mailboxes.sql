-- $1 provider, $2 addresses. Known ones stay as they are.
INSERT INTO calendar.mailbox (provider, address, owner)
SELECT $1::text, address, calendar.canonical(address) FROM unnest($2::text[]) AS wanted (address)
ON CONFLICT (address) DO NOTHING
