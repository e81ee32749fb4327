SELECT calendar.settle_conferences($1::uuid, $2, $3::jsonb) AS "eventId"
