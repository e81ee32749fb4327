-- Names the history that positions belong to. Another cluster, a promoted standby, a copied database or a renewed
-- history give another epoch, so that a position is never continued on a log that it was not issued by.
CREATE OR REPLACE FUNCTION calendar.epoch() RETURNS text LANGUAGE sql STABLE AS $$
  SELECT left(encode(sha256(convert_to(concat_ws(':', m.history_id, s.system_identifier, t.timeline, d.oid), 'UTF8')), 'hex'), 16)
  FROM calendar.meta m, pg_control_system() s, pg_database d,
    -- The control file tells of a new timeline only with the first checkpoint after a promotion, WAL names at once.
    LATERAL (SELECT CASE WHEN pg_is_in_recovery() THEN 'standby' ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END) t (timeline)
  WHERE d.datname = current_database()
$$;
