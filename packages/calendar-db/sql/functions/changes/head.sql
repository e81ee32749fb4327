-- How far the log goes: positions after pruning stay comparable with positions before it.
CREATE OR REPLACE FUNCTION calendar.head() RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT greatest((SELECT coalesce(max(seq), 0) FROM calendar.change), (SELECT pruned_seq FROM calendar.meta))
$$;
