-- breaking: false
ALTER TABLE calendar.mailbox
  -- Its server asked to be left alone about it: nobody synchronizes it before, whatever else makes it due.
  ADD COLUMN held_until timestamptz,
  -- Items of its calendar that could not be read when the window was last read whole.
  ADD COLUMN unread_items integer NOT NULL DEFAULT 0;

CREATE INDEX event_private ON calendar.event (mailbox_id) WHERE sensitivity IN ('private', 'confidential');
