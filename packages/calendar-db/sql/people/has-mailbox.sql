-- $1 canonical addresses
SELECT EXISTS (SELECT FROM calendar.mailbox WHERE owner = ANY ($1::text[])) AS there
