-- How many refusals in a row stop a password.
CREATE OR REPLACE FUNCTION calendar.most_refusals() RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT 3';
