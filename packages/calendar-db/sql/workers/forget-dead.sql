-- $1 milliseconds of silence after which nobody needs the row any more, not even an operator.
DELETE FROM calendar.worker WHERE seen_at < statement_timestamp() - make_interval(secs => $1::float8 / 1000)
