-- $1 event, $2 why, $3 marks that the attempt to plan it saw; null: it was not set aside before.
SELECT calendar.set_aside_event($1::uuid, $2, $3::bigint) AS failures
