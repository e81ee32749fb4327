SELECT calendar.give_back_sign_in_permits($1::text, $2::text, $3::text, $4::uuid[], $5::boolean)
