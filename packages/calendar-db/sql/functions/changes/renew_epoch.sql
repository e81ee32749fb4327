CREATE OR REPLACE FUNCTION calendar.renew_epoch() RETURNS text LANGUAGE sql AS $$
  UPDATE calendar.meta SET history_id = gen_random_uuid();
  SELECT calendar.epoch();
$$;
