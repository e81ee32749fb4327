-- Gives the change log a new name; every position that was issued before is no longer continued.
SELECT calendar.renew_epoch() AS epoch
