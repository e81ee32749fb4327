-- $1 for the statements to come in this transaction, in ms. Tells the one before.
SELECT b.before FROM (SELECT current_setting('statement_timeout') AS before OFFSET 0) b
WHERE set_config('statement_timeout', $1, true) IS NOT NULL
