SELECT calendar.plan_conferences($1, $2::jsonb) AS changed
