-- $1 server (null: steps that need none), $2 stop on cancel, $3 stop after end.
-- When the next of its steps may be claimed, unix ms; null: nothing is known to come.
SELECT extract(epoch FROM calendar.next_conference_due($1::text, $2::boolean, $3::boolean))::double precision * 1000 AS "dueMs"
