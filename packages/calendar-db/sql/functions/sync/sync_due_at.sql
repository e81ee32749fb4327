-- When a mailbox may be synchronized next: by its poll, or by a mark that something happened in it; the back-off of one that
-- failed is never cut short. Not while it is leased, nor before its server wants to be asked again.
CREATE OR REPLACE FUNCTION calendar.sync_due_at(m calendar.mailbox) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT greatest(CASE WHEN m.error_code IS NULL THEN least(m.next_sync_at, m.wanted_at) ELSE m.next_sync_at END,
                  m.lease_until, m.held_until)
$$;
