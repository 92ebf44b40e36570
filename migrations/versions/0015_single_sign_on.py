"""Single sign-on of a brand's people: connections, test logins, identities, proved domains."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE app.staff_connection (
  tenant_id uuid NOT NULL, id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('oidc', 'saml')),
  title text NOT NULL CHECK (length(title) BETWEEN 1 AND 80),
  state text NOT NULL CHECK (state IN ('draft', 'tested', 'enabled', 'enforced')),
  endpoint_id text NOT NULL,
  draft jsonb NOT NULL CHECK (draft ->> 'type' = kind),
  in_force jsonb CHECK (in_force ->> 'type' = kind),
  tested_hash text NOT NULL DEFAULT '',
  row_version integer NOT NULL CHECK (row_version > 0),
  created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, id),
  CONSTRAINT staff_connection_endpoint UNIQUE (tenant_id, endpoint_id),
  CONSTRAINT staff_connection_open
    CHECK ((in_force IS NOT NULL) = (state IN ('enabled', 'enforced')))
);
CREATE TABLE app.staff_connection_test (
  tenant_id uuid NOT NULL, id uuid NOT NULL,
  connection_id uuid NOT NULL,
  settings jsonb NOT NULL, settings_hash text NOT NULL,
  started_by uuid NOT NULL, started_at timestamptz NOT NULL, finished_at timestamptz,
  outcome text NOT NULL DEFAULT 'waiting' CHECK (outcome IN ('waiting', 'passed', 'failed')),
  reason text NOT NULL DEFAULT '', detail text NOT NULL DEFAULT '',
  claims jsonb NOT NULL DEFAULT '{}',
  groups text[] NOT NULL DEFAULT '{}', roles text[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES app.staff_connection (tenant_id, id)
);
CREATE INDEX staff_connection_test_time
  ON app.staff_connection_test (tenant_id, connection_id, started_at);
CREATE TABLE app.staff_identity (
  tenant_id uuid NOT NULL, connection_id uuid NOT NULL,
  issuer text NOT NULL, subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
  staff_id uuid NOT NULL,
  email text NOT NULL, groups text[] NOT NULL,
  linked_at timestamptz NOT NULL, seen_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, connection_id, issuer, subject),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES app.staff_connection (tenant_id, id),
  FOREIGN KEY (tenant_id, staff_id) REFERENCES app.staff (tenant_id, id)
);
CREATE INDEX staff_identity_staff ON app.staff_identity (tenant_id, staff_id);
CREATE TABLE app.staff_connection_invite (
  tenant_id uuid NOT NULL, connection_id uuid NOT NULL, email_norm text NOT NULL,
  staff_id uuid NOT NULL, invited_by uuid NOT NULL, invited_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, connection_id, email_norm),
  FOREIGN KEY (tenant_id, connection_id) REFERENCES app.staff_connection (tenant_id, id),
  FOREIGN KEY (tenant_id, staff_id) REFERENCES app.staff (tenant_id, id)
);
CREATE INDEX staff_connection_invite_staff ON app.staff_connection_invite (tenant_id, staff_id);
CREATE TABLE app.staff_domain (
  tenant_id uuid NOT NULL, domain text NOT NULL CHECK (domain = lower(domain)),
  token text NOT NULL, created_at timestamptz NOT NULL,
  verified_at timestamptz, checked_at timestamptz, problem text NOT NULL DEFAULT '',
  PRIMARY KEY (tenant_id, domain)
);
CALL app_private.protect('app.staff_connection', app => 'SELECT, INSERT, UPDATE, DELETE');
CALL app_private.protect('app.staff_connection_test', app => 'SELECT, INSERT, UPDATE, DELETE');
CALL app_private.protect('app.staff_identity', app => 'SELECT, INSERT, UPDATE, DELETE');
CALL app_private.protect('app.staff_connection_invite', app => 'SELECT, INSERT, UPDATE, DELETE');
CALL app_private.protect('app.staff_domain', app => 'SELECT, INSERT, UPDATE, DELETE', worker => 'SELECT, UPDATE');
"""

CONTROL = """
-- A connection's own address: an id that cannot be guessed, kept as its hash.
CREATE TABLE ctl.staff_endpoint (
  id_hash bytea PRIMARY KEY CHECK (length(id_hash) = 32),
  tenant_id uuid NOT NULL REFERENCES ctl.tenant,
  connection_id uuid NOT NULL,
  UNIQUE (tenant_id, connection_id));
-- From the domain of an e-mail to the brands that have proved it; nothing about people.
CREATE TABLE ctl.proved_domain (
  domain text NOT NULL,
  tenant_id uuid NOT NULL REFERENCES ctl.tenant,
  PRIMARY KEY (domain, tenant_id));
CREATE FUNCTION ctl.resolve_staff_endpoint_v1(p_id text)
  RETURNS TABLE (tenant_id uuid, connection_id uuid)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT e.tenant_id, e.connection_id FROM ctl.staff_endpoint e
    WHERE e.id_hash = sha256(convert_to(p_id, 'UTF8')) $$;
CREATE FUNCTION ctl.save_staff_endpoint_v1(p_tenant uuid, p_connection uuid, p_id text)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_tenant IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'an endpoint is saved in its tenant''s context' USING ERRCODE = '42501';
  END IF;
  INSERT INTO ctl.staff_endpoint (id_hash, tenant_id, connection_id)
       VALUES (sha256(convert_to(p_id, 'UTF8')), p_tenant, p_connection);
END $$;
CREATE FUNCTION ctl.drop_staff_endpoint_v1(p_tenant uuid, p_connection uuid)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_tenant IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'an endpoint is dropped in its tenant''s context' USING ERRCODE = '42501';
  END IF;
  DELETE FROM ctl.staff_endpoint e
   WHERE e.tenant_id = p_tenant AND e.connection_id = p_connection;
END $$;
CREATE FUNCTION ctl.save_proved_domain_v1(p_tenant uuid, p_domain text, p_proved boolean)
  RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$
BEGIN
  IF p_tenant IS DISTINCT FROM app.current_tenant() THEN
    RAISE EXCEPTION 'a domain is saved in its tenant''s context' USING ERRCODE = '42501';
  END IF;
  IF p_proved THEN
    INSERT INTO ctl.proved_domain (domain, tenant_id) VALUES (p_domain, p_tenant)
    ON CONFLICT DO NOTHING;
  ELSE
    DELETE FROM ctl.proved_domain d WHERE d.domain = p_domain AND d.tenant_id = p_tenant;
  END IF;
END $$;
CREATE FUNCTION ctl.tenants_of_domain_v1(p_domain text, p_max integer) RETURNS SETOF uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT d.tenant_id FROM ctl.proved_domain d
    WHERE d.domain = p_domain ORDER BY d.tenant_id LIMIT p_max $$;
GRANT EXECUTE ON FUNCTION ctl.resolve_staff_endpoint_v1(text),
  ctl.save_staff_endpoint_v1(uuid, uuid, text), ctl.drop_staff_endpoint_v1(uuid, uuid),
  ctl.save_proved_domain_v1(uuid, text, boolean), ctl.tenants_of_domain_v1(text, integer)
  TO guerdon_app;
GRANT EXECUTE ON FUNCTION ctl.save_proved_domain_v1(uuid, text, boolean) TO guerdon_worker;
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(CONTROL)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")
