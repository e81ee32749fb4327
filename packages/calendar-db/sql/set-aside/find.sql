-- Which of these events are set aside.
SELECT event_id AS "eventId" FROM calendar.set_aside_event WHERE event_id = ANY ($1::uuid[])
