-- A mailbox that becomes cached, or stops being so, or changes its owner: rule 1 of visibility begins or ends to hold.
CREATE OR REPLACE FUNCTION calendar.mailbox_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.cached_at IS NOT NULL THEN
      PERFORM calendar.log_view_change('mailbox', NEW.mailbox_id, ARRAY[NEW.owner]);
    END IF;
  ELSIF TG_OP = 'DELETE' THEN
    IF OLD.cached_at IS NOT NULL THEN
      PERFORM calendar.log_view_change('mailbox', OLD.mailbox_id, ARRAY[OLD.owner]);
    END IF;
  ELSIF (OLD.cached_at IS NULL) <> (NEW.cached_at IS NULL) OR (NEW.cached_at IS NOT NULL AND OLD.owner <> NEW.owner) THEN
    PERFORM calendar.log_view_change('mailbox', NEW.mailbox_id, ARRAY[OLD.owner, NEW.owner]);
  END IF;
  RETURN NULL;
END
$$;
