-- Which of the addresses $2 of provider $1 need anything: unknown, delisted, under another provider, or in no group.
SELECT wanted.address, m.provider
FROM unnest($2::text[]) AS wanted (address) LEFT JOIN calendar.mailbox m ON m.address = wanted.address
WHERE m.address IS NULL OR m.delisted_at IS NOT NULL OR m.provider <> $1::text OR m.sync_group IS NULL
