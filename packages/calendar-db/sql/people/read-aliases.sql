-- $1 addresses: every spelling of the people behind them, the addresses themselves included.
SELECT DISTINCT spelling.address
FROM unnest($1::text[]) AS given (address)
CROSS JOIN LATERAL (
  SELECT given.address
  UNION ALL SELECT calendar.canonical(given.address)
  UNION ALL SELECT p.alias FROM calendar.person_address p WHERE p.canonical = calendar.canonical(given.address)
) spelling
ORDER BY spelling.address
