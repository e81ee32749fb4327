-- breaking: false
-- Where a mailbox is, as Autodiscover tells.
ALTER TABLE calendar.mailbox
  -- Mailboxes of one grouping are served by the same machines, and so can share a stream (docs/reference/exchange.md
  -- §6.8); null: not told.
  ADD COLUMN grouping text,
  -- Where it is read, if not at its provider's own address: it was moved there.
  ADD COLUMN ews_url text,
  -- When Autodiscover is to be asked next.
  ADD COLUMN place_due_at timestamptz NOT NULL DEFAULT clock_timestamp();
