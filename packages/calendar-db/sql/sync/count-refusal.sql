-- One more 401 for an account with one password ($3: its fingerprint), met with the permit $4, if it needed one.
SELECT failures, stopped FROM calendar.count_refusal($1::text, $2::text, $3::text, $4::uuid, $5::text, $6::integer)
