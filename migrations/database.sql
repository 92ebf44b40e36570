-- Once per database, by the cluster's administrator, connected to it.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
DO $$
BEGIN
  EXECUTE format('ALTER DATABASE %I OWNER TO guerdon_owner', current_database());
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO guerdon_migrator, guerdon_app, guerdon_worker,
                  guerdon_relay, guerdon_console, guerdon_backup', current_database());
END $$;
CREATE SCHEMA IF NOT EXISTS extensions;
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA extensions;
GRANT USAGE ON SCHEMA extensions TO guerdon_owner, guerdon_app, guerdon_worker, guerdon_console;
