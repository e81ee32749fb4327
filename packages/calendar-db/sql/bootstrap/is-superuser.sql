-- Whether we may decide what the server's log holds.
SELECT rolsuper AS superuser FROM pg_roles WHERE rolname = current_user
