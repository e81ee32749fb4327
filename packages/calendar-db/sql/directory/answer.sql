-- $1 provider, $2 answers, $3 further questions, $4 most members of a list.
SELECT list FROM calendar.answer_directory($1::text, $2::jsonb, $3::text[], $4::integer)
