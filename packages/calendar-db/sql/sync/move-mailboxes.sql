-- $1 provider, $2 addresses that another provider had. Folder and sync state mean nothing to the new server, and no
-- result of the old one may still be applied; the window is forgotten too, so that a whole view is read. The cache stays
-- as it is, and is shown, until that view says what is true now.
UPDATE calendar.mailbox SET
  provider = $1::text, sync_group = NULL, grouping = NULL, ews_url = NULL, place_due_at = clock_timestamp(),
  delisted_at = NULL, removal_confirmed = false,
  folder_id = NULL, sync_state = NULL, window_from = NULL, window_to = NULL,
  status = CASE WHEN cached_at IS NULL THEN 'new' ELSE 'stale' END,
  failures = 0, error_code = NULL, error_class = NULL, error_detail = NULL, error_operation = NULL, lost = false,
  next_sync_at = clock_timestamp(), held_until = NULL, unread_items = 0, unread_tries = 0, reread_at = NULL,
  suspect_since = NULL, suspect_views = NULL, suspect_lost = NULL, suspect_of = NULL, suspect_confirmed = false,
  lease_owner = NULL, lease_until = NULL, lease_token = lease_token + 1
WHERE address = ANY ($2::text[]) AND provider <> $1::text
