-- breaking: true
-- A password is part of what is counted: workers with different wrong ones leave each other's count alone. An attempt to
-- sign in with one that nobody has proven yet is taken by one worker at a time.
ALTER TABLE calendar.credential DROP CONSTRAINT credential_pkey;
ALTER TABLE calendar.credential ADD PRIMARY KEY (provider, login, fingerprint);
ALTER TABLE calendar.credential
  -- The attempt under way, and when it is given up unless renewed.
  ADD COLUMN attempt uuid,
  ADD COLUMN attempt_until timestamptz,
  -- Attempts whose outcome nobody saw: they may have been refusals. Forgotten half an hour after the last of them.
  ADD COLUMN unseen integer NOT NULL DEFAULT 0,
  ADD COLUMN unseen_at timestamptz;
