-- Gives the turn back; $2: nobody saw whether the password was taken.
UPDATE calendar.credential SET
  unseen = CASE WHEN NOT $2::boolean THEN unseen
                WHEN unseen_at > clock_timestamp() - interval '30 minutes' THEN unseen + 1 ELSE 1 END,
  unseen_at = CASE WHEN $2::boolean THEN clock_timestamp() ELSE unseen_at END,
  attempt = NULL, attempt_until = NULL, updated_at = clock_timestamp()
WHERE attempt = $1::uuid
