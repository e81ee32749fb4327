CREATE OR REPLACE FUNCTION calendar.conference_written() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  head bigint;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    WITH logged AS (
      INSERT INTO calendar.change (kind, event_id, audience)
      SELECT 'conference', n.event_id, calendar.concerned(n.event_id)
      FROM new_rows n JOIN old_rows o USING (event_id)
      WHERE (n.server_id, n.wanted, n.reason, n.starts_at, n.create_at, n.open_at, n.wanted_version,
             n.state, n.confirmed, n.life, n.cid, n.url, n.app_url, n.failure)
        IS DISTINCT FROM
            (o.server_id, o.wanted, o.reason, o.starts_at, o.create_at, o.open_at, o.wanted_version,
             o.state, o.confirmed, o.life, o.cid, o.url, o.app_url, o.failure)
      ORDER BY n.event_id
      RETURNING seq
    )
    SELECT max(seq) INTO head FROM logged;
  ELSE
    WITH logged AS (
      INSERT INTO calendar.change (kind, event_id, audience)
      SELECT 'conference', n.event_id, calendar.concerned(n.event_id)
      FROM new_rows n ORDER BY n.event_id
      RETURNING seq
    )
    SELECT max(seq) INTO head FROM logged;
  END IF;
  IF head IS NOT NULL THEN PERFORM pg_notify('calendar_change', head::text); END IF;
  RETURN NULL;
END
$$;
