SELECT calendar.forget_directory($1::text, $2::text[])
