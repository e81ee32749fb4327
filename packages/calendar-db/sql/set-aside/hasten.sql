-- What these events are planned by may have changed: they are tried again at once.
UPDATE calendar.set_aside_event SET marks = marks + 1, retry_at = least(retry_at, clock_timestamp())
WHERE event_id = ANY ($1::uuid[])
