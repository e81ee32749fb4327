-- $1 provider, $2 listed mailboxes, $3 most: mailboxes that were opened lately, in no order, for questions that any can ask.
SELECT address FROM calendar.mailbox
WHERE provider = $1 AND address = ANY ($2::text[]) AND status = 'ok'
ORDER BY random() LIMIT $3::integer
