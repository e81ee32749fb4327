-- A reader has seen position `p_seq` of the history `p_epoch`. When the log ends before it, an older state was put
-- back in place: the history gets another name, once, whoever of the readers notices first.
CREATE OR REPLACE FUNCTION calendar.notice_regression(p_epoch text, p_seq bigint) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF calendar.epoch() <> p_epoch OR calendar.head() >= p_seq THEN RETURN false; END IF;
  PERFORM FROM calendar.meta FOR UPDATE;
  IF calendar.epoch() <> p_epoch OR calendar.head() >= p_seq THEN RETURN false; END IF;
  PERFORM calendar.renew_epoch();
  RETURN true;
END
$$;
