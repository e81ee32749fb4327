SELECT calendar.epoch() AS epoch, calendar.head()::double precision AS head, pruned_seq::double precision AS pruned
FROM calendar.meta
