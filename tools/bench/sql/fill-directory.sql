-- $1 provider. An answer of this moment about the person behind each mailbox.
INSERT INTO calendar.directory_entry (provider, address, kind, person, checked_at)
SELECT $1::text, address, 'person', address, now() FROM calendar.mailbox
