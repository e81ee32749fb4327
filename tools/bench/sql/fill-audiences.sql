-- The lists of people of all copies, which triggers of `event` would have kept.
INSERT INTO calendar.event_audience (event_id, audience_key, audience)
SELECT DISTINCT ON (event_id, audience_key) event_id, audience_key, audience FROM calendar.event
ON CONFLICT DO NOTHING
