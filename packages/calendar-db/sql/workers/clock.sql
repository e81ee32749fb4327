-- Unix milliseconds, with fractions, at this very moment and not at the transaction's start.
SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now
