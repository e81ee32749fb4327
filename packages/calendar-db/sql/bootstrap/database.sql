-- Leave this out when the database is there already.
CREATE DATABASE :database OWNER :role ENCODING 'UTF8' TEMPLATE template0;
