-- Once per cluster, by its administrator. Nothing after this file needs a superuser.
-- guerdon_owner owns every object and nobody logs in as it.
DO $$
DECLARE r text;
BEGIN
  FOREACH r IN ARRAY ARRAY['owner','migrator','app','worker','relay','console','backup'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'guerdon_' || r) THEN
      EXECUTE format('CREATE ROLE guerdon_%s NOLOGIN', r);
    END IF;
  END LOOP;
END $$;
ALTER ROLE guerdon_owner    NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT;
ALTER ROLE guerdon_migrator LOGIN   NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT CONNECTION LIMIT 5;
ALTER ROLE guerdon_app      LOGIN   NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT;
ALTER ROLE guerdon_worker   LOGIN   NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT;
ALTER ROLE guerdon_relay    LOGIN   NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT CONNECTION LIMIT 16;
ALTER ROLE guerdon_console  LOGIN   NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT;
ALTER ROLE guerdon_backup   LOGIN   NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS   INHERIT   CONNECTION LIMIT 3;
GRANT guerdon_owner TO guerdon_migrator;
GRANT pg_read_all_data TO guerdon_backup;
ALTER ROLE guerdon_app      SET statement_timeout = '10s';
ALTER ROLE guerdon_app      SET lock_timeout = '5s';
ALTER ROLE guerdon_app      SET idle_in_transaction_session_timeout = '15s';
ALTER ROLE guerdon_worker   SET statement_timeout = '30s';
ALTER ROLE guerdon_worker   SET lock_timeout = '5s';
ALTER ROLE guerdon_worker   SET idle_in_transaction_session_timeout = '30s';
ALTER ROLE guerdon_relay    SET statement_timeout = '5s';
ALTER ROLE guerdon_console  SET statement_timeout = '10s';
ALTER ROLE guerdon_migrator SET lock_timeout = '1s';
ALTER ROLE guerdon_migrator SET statement_timeout = '5min';
ALTER ROLE guerdon_backup   SET row_security = off;
