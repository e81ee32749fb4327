SELECT calendar.name_waiting($1::integer) AS more
