-- One registration at a time, so that groups are filled by what is really in them. A statement of its own: what follows
-- must see what the one before has written.
SELECT pg_advisory_xact_lock(hashtextextended('calendar.register', 0))
