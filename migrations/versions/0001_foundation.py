"""Foundation: schemas, signed tenant context, guard, control plane, outbox, idempotency, secrets."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SCHEMAS = """
CREATE SCHEMA app;
CREATE SCHEMA ctl;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
GRANT USAGE ON SCHEMA app TO guerdon_app, guerdon_worker, guerdon_relay, guerdon_console;
GRANT USAGE ON SCHEMA ctl TO guerdon_app, guerdon_worker, guerdon_relay, guerdon_console;
"""

CONTEXT = """
-- A key is kept as its two HMAC pads: HMAC-SHA256 = sha256(opad || sha256(ipad || message)).
CREATE TABLE app_private.ctx_key (
  kid smallint PRIMARY KEY,
  ipad bytea NOT NULL CHECK (length(ipad) = 64),
  opad bytea NOT NULL CHECK (length(opad) = 64),
  valid boolean NOT NULL DEFAULT true);

-- app.ctx = v1.<kid>.<tenant uuid>.<expiry, unix seconds>.<hex HMAC of "v1.kid.tenant.expiry.role">
-- app.ctx_at binds it to this transaction: what a session-level SET left behind is as if absent.
CREATE FUNCTION app.current_tenant() RETURNS uuid
  LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE
  c text := current_setting('app.ctx', true);
  p text[];
  i bytea;
  o bytea;
BEGIN
  IF c IS NULL OR c = ''
     OR current_setting('app.ctx_at', true) IS DISTINCT FROM extract(epoch FROM transaction_timestamp())::text THEN
    RAISE EXCEPTION 'no tenant in context' USING ERRCODE = '42501';
  END IF;
  p := string_to_array(c, '.');
  IF array_length(p, 1) <> 5 OR p[1] <> 'v1' THEN
    RAISE EXCEPTION 'bad tenant context' USING ERRCODE = '42501';
  END IF;
  SELECT k.ipad, k.opad INTO i, o FROM app_private.ctx_key k WHERE k.kid = p[2]::smallint AND k.valid;
  IF i IS NULL
     OR encode(sha256(o || sha256(i || convert_to(p[1]||'.'||p[2]||'.'||p[3]||'.'||p[4]||'.'||session_user, 'UTF8'))), 'hex') <> p[5]
     OR p[4]::bigint < extract(epoch FROM statement_timestamp()) THEN
    RAISE EXCEPTION 'bad tenant context' USING ERRCODE = '42501';
  END IF;
  RETURN p[3]::uuid;
END $$;

CREATE FUNCTION app.enter(p_ctx text) RETURNS uuid
  LANGUAGE plpgsql VOLATILE SET search_path = pg_catalog, pg_temp AS
$$
DECLARE cur text := current_setting('app.ctx', true);
BEGIN
  IF cur <> '' AND current_setting('app.ctx_at', true) = extract(epoch FROM transaction_timestamp())::text
     AND split_part(cur, '.', 3) <> split_part(p_ctx, '.', 3) THEN
    RAISE EXCEPTION 'tenant already bound to this transaction' USING ERRCODE = '42501';
  END IF;
  PERFORM set_config('app.ctx', p_ctx, true);
  PERFORM set_config('app.ctx_at', extract(epoch FROM transaction_timestamp())::text, true);
  RETURN app.current_tenant();
END $$;
GRANT EXECUTE ON FUNCTION app.current_tenant(), app.enter(text)
  TO guerdon_app, guerdon_worker, guerdon_relay, guerdon_console;

-- One call per tenant table: guard (RESTRICTIVE, so that no later policy widens it) and grants.
-- guerdon_owner is in the permissive list on purpose: a backfill without a tenant fails, instead
-- of touching no row.
CREATE PROCEDURE app_private.protect(t regclass, app text DEFAULT '', worker text DEFAULT '', console text DEFAULT 'SELECT')
  LANGUAGE plpgsql AS
$$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
  EXECUTE format('CREATE POLICY tenant_guard ON %s AS RESTRICTIVE FOR ALL TO PUBLIC
                  USING (tenant_id = (SELECT app.current_tenant())) WITH CHECK (tenant_id = (SELECT app.current_tenant()))', t);
  EXECUTE format('CREATE POLICY tenant_roles ON %s AS PERMISSIVE FOR ALL
                  TO guerdon_app, guerdon_worker, guerdon_console, guerdon_owner USING (true) WITH CHECK (true)', t);
  IF app <> '' THEN EXECUTE format('GRANT %s ON %s TO guerdon_app', app, t); END IF;
  IF worker <> '' THEN EXECUTE format('GRANT %s ON %s TO guerdon_worker', worker, t); END IF;
  IF console <> '' THEN EXECUTE format('GRANT %s ON %s TO guerdon_console', console, t); END IF;
END $$;

CREATE FUNCTION app.refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'append-only table %', TG_TABLE_NAME USING ERRCODE = '42501'; END $$;

-- How a SQL function refuses: the code names a typed error, the detail carries its parameters.
CREATE FUNCTION app.refuse(p_code text, p_params jsonb DEFAULT '{}') RETURNS void
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$ BEGIN RAISE EXCEPTION USING ERRCODE = 'GU001', MESSAGE = p_code, DETAIL = p_params::text; END $$;
GRANT EXECUTE ON FUNCTION app.refuse(text, jsonb) TO guerdon_app, guerdon_worker, guerdon_relay, guerdon_console;
"""

CONTROL = """
CREATE TABLE ctl.tenant (
  id uuid PRIMARY KEY,
  slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9](-?[a-z0-9]){1,39}$'),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('pending','sandbox','active','suspended','closing','closed')),
  canonical_host text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE ctl.tenant_host (
  host text PRIMARY KEY CHECK (host = lower(host) AND host !~ '[^a-z0-9.-]'),
  tenant_id uuid NOT NULL REFERENCES ctl.tenant,
  verified_at timestamptz);
CREATE INDEX tenant_host_tenant ON ctl.tenant_host (tenant_id);
-- One row: every change of tenants, hosts, keys or parameters raises the counter; each process
-- polls it twice a second and loads what changed since.
CREATE TABLE ctl.change (
  seq bigint PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES ctl.tenant,
  kind text NOT NULL CHECK (kind IN ('tenant','parameters','keys','catalogue')),
  at timestamptz NOT NULL DEFAULT clock_timestamp());
CREATE TABLE ctl.change_counter (one boolean PRIMARY KEY DEFAULT true CHECK (one), seq bigint NOT NULL);
INSERT INTO ctl.change_counter (seq) VALUES (0);

-- The counter's row is locked until the commit, so that numbers become visible in order.
CREATE FUNCTION ctl.note_change(p_tenant uuid, p_kind text) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
DECLARE n bigint;
BEGIN
  IF p_tenant IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'a change is noted for the tenant in context' USING ERRCODE = '42501';
  END IF;
  UPDATE ctl.change_counter SET seq = seq + 1 RETURNING seq INTO n;
  INSERT INTO ctl.change (seq, tenant_id, kind) VALUES (n, p_tenant, p_kind);
  DELETE FROM ctl.change WHERE seq < n - 10000;
  RETURN n;
END $$;
CREATE FUNCTION ctl.changes_since(p_seq bigint) RETURNS TABLE (seq bigint, tenant_id uuid, kind text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT c.seq, c.tenant_id, c.kind FROM ctl.change c WHERE c.seq > p_seq ORDER BY c.seq LIMIT 5000 $$;
CREATE FUNCTION ctl.change_seq() RETURNS bigint
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT seq FROM ctl.change_counter $$;

CREATE FUNCTION ctl.resolve_host(p_host text) RETURNS uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT h.tenant_id FROM ctl.tenant_host h WHERE h.host = p_host AND h.verified_at IS NOT NULL $$;
CREATE FUNCTION ctl.tenant_by_slug(p_slug text) RETURNS uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT t.id FROM ctl.tenant t WHERE t.slug = p_slug $$;
CREATE FUNCTION ctl.read_tenant(p_id uuid)
  RETURNS TABLE (id uuid, slug text, name text, status text, canonical_host text, hosts text[])
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT t.id, t.slug, t.name, t.status, t.canonical_host,
          ARRAY(SELECT h.host FROM ctl.tenant_host h WHERE h.tenant_id = t.id AND h.verified_at IS NOT NULL ORDER BY 1)
     FROM ctl.tenant t WHERE t.id = p_id $$;
CREATE FUNCTION ctl.list_tenants(p_after text, p_limit int) RETURNS TABLE (id uuid, slug text, status text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT t.id, t.slug, t.status FROM ctl.tenant t WHERE t.slug > p_after ORDER BY t.slug LIMIT least(p_limit, 1000) $$;

-- The caller has entered the tenant's context: the id is proven by the signature.
CREATE FUNCTION ctl.save_tenant(p_id uuid, p_slug text, p_name text, p_status text, p_canonical_host text, p_hosts text[])
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_id IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'a tenant is saved in its own context' USING ERRCODE = '42501';
  END IF;
  INSERT INTO ctl.tenant (id, slug, name, status, canonical_host)
       VALUES (p_id, p_slug, p_name, p_status, p_canonical_host)
  ON CONFLICT (id) DO UPDATE SET name = excluded.name, status = excluded.status,
              canonical_host = excluded.canonical_host;
  DELETE FROM ctl.tenant_host h WHERE h.tenant_id = p_id AND h.host <> ALL (p_hosts);
  INSERT INTO ctl.tenant_host (host, tenant_id, verified_at)
       SELECT h, p_id, now() FROM unnest(p_hosts) AS h
  ON CONFLICT (host) DO NOTHING;
  IF EXISTS (SELECT FROM ctl.tenant_host h WHERE h.host = ANY (p_hosts) AND h.tenant_id <> p_id) THEN
    PERFORM app.refuse('host_taken', jsonb_build_object('field', 'hosts'));
  END IF;
  PERFORM ctl.note_change(p_id, 'tenant');
END $$;
GRANT EXECUTE ON FUNCTION ctl.note_change(uuid, text), ctl.changes_since(bigint), ctl.change_seq(),
  ctl.resolve_host(text), ctl.tenant_by_slug(text), ctl.read_tenant(uuid), ctl.list_tenants(text, int)
  TO guerdon_app, guerdon_worker, guerdon_relay, guerdon_console;
GRANT EXECUTE ON FUNCTION ctl.save_tenant(uuid, text, text, text, text, text[]) TO guerdon_app, guerdon_console;
"""

TABLES = """
CREATE TABLE app.data_key (
  tenant_id uuid NOT NULL,
  version smallint NOT NULL,
  wrapped bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, version));
CALL app_private.protect('app.data_key', app => 'SELECT, INSERT', worker => 'SELECT', console => 'SELECT');

CREATE TABLE app.secret (
  tenant_id uuid NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  sealed bytea NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, name));
CALL app_private.protect('app.secret', app => 'SELECT, INSERT, UPDATE, DELETE', worker => 'SELECT', console => '');

-- A row lives until its effect is committed (done_at), not until it was published.
CREATE TABLE app.outbox (
  tenant_id uuid NOT NULL,
  id uuid NOT NULL,
  topic text NOT NULL,
  queue text NOT NULL DEFAULT 'default' CHECK (queue IN ('money','default','mail','bulk')),
  payload jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  next_at timestamptz NOT NULL DEFAULT now(),
  attempts integer NOT NULL DEFAULT 0,
  leased_until timestamptz,
  done_at timestamptz,
  parked_at timestamptz,
  last_error text,
  traceparent text,
  PRIMARY KEY (tenant_id, id));
CREATE INDEX outbox_due ON app.outbox (next_at) WHERE done_at IS NULL AND parked_at IS NULL;
CREATE INDEX outbox_parked ON app.outbox (tenant_id, parked_at) WHERE parked_at IS NOT NULL;
ALTER TABLE app.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_guard ON app.outbox AS RESTRICTIVE FOR ALL TO guerdon_app, guerdon_worker, guerdon_console, guerdon_owner
  USING (tenant_id = (SELECT app.current_tenant())) WITH CHECK (tenant_id = (SELECT app.current_tenant()));
CREATE POLICY tenant_roles ON app.outbox AS PERMISSIVE FOR ALL TO guerdon_app, guerdon_worker, guerdon_console, guerdon_owner
  USING (true) WITH CHECK (true);
-- The relay sees which rows are due for every tenant: ids and times by column grants, no payload.
CREATE POLICY relay_read ON app.outbox AS PERMISSIVE FOR SELECT TO guerdon_relay USING (done_at IS NULL AND parked_at IS NULL);
CREATE POLICY relay_mark ON app.outbox AS PERMISSIVE FOR UPDATE TO guerdon_relay
  USING (done_at IS NULL AND parked_at IS NULL) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON app.outbox TO guerdon_worker;
GRANT SELECT, INSERT, UPDATE ON app.outbox TO guerdon_app;
GRANT SELECT ON app.outbox TO guerdon_console;
GRANT SELECT (tenant_id, id, topic, queue, created_at, next_at, attempts, leased_until, done_at, parked_at, traceparent) ON app.outbox TO guerdon_relay;
GRANT UPDATE (next_at) ON app.outbox TO guerdon_relay;

CREATE TABLE app.idempotency (
  tenant_id uuid NOT NULL,
  principal text NOT NULL,
  key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  operation text NOT NULL,
  fingerprint bytea NOT NULL,
  status smallint,
  response jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, principal, key));
CREATE INDEX idempotency_age ON app.idempotency (tenant_id, created_at);
CALL app_private.protect('app.idempotency', app => 'SELECT, INSERT, UPDATE', worker => 'SELECT, DELETE', console => '');
"""


def upgrade() -> None:
    for part in (SCHEMAS, CONTEXT, CONTROL, TABLES):
        op.execute(part)


def downgrade() -> None:
    op.execute("DROP SCHEMA app CASCADE; DROP SCHEMA ctl CASCADE;")
