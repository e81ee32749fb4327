-- Only what the planner, a runner or a viewer can notice makes a change.
CREATE OR REPLACE FUNCTION calendar.conference_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    PERFORM calendar.log_conferences(ARRAY(
      SELECT n.event_id FROM new_rows n JOIN old_rows o USING (event_id)
      WHERE (n.server_id, n.wanted, n.reason, n.starts_at, n.create_at, n.open_at, n.wanted_version,
             n.state, n.confirmed, n.life, n.cid, n.url, n.app_url, n.failure)
        IS DISTINCT FROM
            (o.server_id, o.wanted, o.reason, o.starts_at, o.create_at, o.open_at, o.wanted_version,
             o.state, o.confirmed, o.life, o.cid, o.url, o.app_url, o.failure)
    ));
  ELSE
    PERFORM calendar.log_conferences(ARRAY(SELECT event_id FROM new_rows));
  END IF;
  RETURN NULL;
END
$$;
