-- $1 subject
DELETE FROM calendar.auth_failure WHERE subject = $1
