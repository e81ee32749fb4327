-- $1 server. Each mailbox's owner is known as a user there.
INSERT INTO calendar.address_map (server_id, address, trueconf_id, checked_at, source)
SELECT $1::text, address, split_part(address, '@', 1), now(), 'bench' FROM calendar.mailbox
