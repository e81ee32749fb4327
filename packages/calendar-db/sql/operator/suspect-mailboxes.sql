-- Mailboxes with a loss that is not believed yet: how many of how many events to come are missing, how many views agree on it,
-- when it is looked at again, and when a view was last believed.
SELECT provider, address, suspect_since AS since, cardinality(suspect_lost) AS lost, suspect_of AS "of", suspect_views AS views,
       reread_at AS "nextLook", synced_at AS "lastBelieved", suspect_confirmed AS confirmed
FROM calendar.mailbox
WHERE suspect_since IS NOT NULL
ORDER BY provider, address
