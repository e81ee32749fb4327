-- The mailboxes of the provider $1 that are read at another address than its own.
SELECT address, ews_url AS "ewsUrl" FROM calendar.mailbox WHERE provider = $1::text AND ews_url IS NOT NULL
