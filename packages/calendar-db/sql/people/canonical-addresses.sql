SELECT a AS address, calendar.canonical(a) AS canonical FROM unnest($1::text[]) AS a
