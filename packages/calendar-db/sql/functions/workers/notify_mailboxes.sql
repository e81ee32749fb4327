-- Mailboxes came, went, changed their group or place, or are healthy or not since a moment ago: what sync-workers keep of them
-- in memory is old.
CREATE OR REPLACE FUNCTION calendar.notify_mailboxes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('calendar_worker', '{"mailboxes": "changed"}');
  RETURN NULL;
END
$$;
