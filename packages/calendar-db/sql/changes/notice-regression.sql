SELECT calendar.notice_regression($1, $2::bigint) AS renewed
