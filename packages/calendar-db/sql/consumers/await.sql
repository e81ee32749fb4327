-- Waits until no other process holds the consumer, and holds it.
SELECT 1 AS held FROM calendar.consumer WHERE name = $1 FOR UPDATE
