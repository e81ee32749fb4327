-- A claim for each conference, as the planner makes it.
INSERT INTO calendar.conference_claim (event_id) SELECT event_id FROM calendar.conference ON CONFLICT DO NOTHING
