-- $2 marks that the plan saw: an event that was hastened meanwhile stays.
DELETE FROM calendar.set_aside_event WHERE event_id = $1::uuid AND marks = $2::bigint
