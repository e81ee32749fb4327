-- $1 digest of the functions that were applied now.
INSERT INTO calendar.function_set (digest) VALUES ($1) ON CONFLICT (digest) DO NOTHING
