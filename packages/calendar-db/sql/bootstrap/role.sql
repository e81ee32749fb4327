-- The role that all workers and calendarctl sign in with. It needs no right beyond what follows.
DO $bootstrap$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') THEN
    CREATE ROLE :role LOGIN;
  END IF;
END
$bootstrap$;
