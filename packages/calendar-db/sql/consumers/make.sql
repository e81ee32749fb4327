-- A consumer that has read nothing of any history.
INSERT INTO calendar.consumer (name, epoch, seq) VALUES ($1, '', 0) ON CONFLICT DO NOTHING
