"""The platform's operator is a tenant of its own kind, which nothing that lists brands finds."""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

SQL = """
ALTER TABLE ctl.tenant ADD COLUMN kind text NOT NULL DEFAULT 'brand'
  CHECK (kind IN ('brand', 'operator'));
CREATE UNIQUE INDEX tenant_operator ON ctl.tenant (kind) WHERE kind = 'operator';
-- A name that no brand can have. It has no host: the host of its console is a setting.
INSERT INTO ctl.tenant (id, slug, name, status, canonical_host, kind)
     VALUES ('0197a000-0000-7000-8000-000000000001', 'platform', 'Platform', 'live', '', 'operator');

CREATE OR REPLACE FUNCTION ctl.tenant_by_slug(p_slug text) RETURNS uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT t.id FROM ctl.tenant t WHERE t.slug = p_slug AND t.kind = 'brand' $$;

CREATE OR REPLACE FUNCTION ctl.list_tenants(p_after text, p_limit int) RETURNS TABLE (id uuid, slug text, status text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
$$ SELECT t.id, t.slug, t.status FROM ctl.tenant t WHERE t.slug > p_after AND t.kind = 'brand'
    ORDER BY t.slug LIMIT least(p_limit, 1000) $$;

-- The operator is among those whose jobs are fired: its trail is sealed, its sessions, links and
-- connections are looked after like a brand's. What concerns members finds none.
CREATE OR REPLACE FUNCTION ctl.open_tenants_v1() RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT t.id FROM ctl.tenant t
   WHERE t.kind = 'operator' OR t.status IN ('sandbox', 'live', 'past_due', 'suspended', 'closing')
$$;

-- It is neither saved nor moved like a brand.
CREATE FUNCTION ctl.keep_operator() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$ BEGIN RAISE EXCEPTION 'the operator is no brand' USING ERRCODE = '42501'; END $$;
CREATE TRIGGER keep_operator BEFORE UPDATE OR DELETE ON ctl.tenant
  FOR EACH ROW WHEN (OLD.kind = 'operator') EXECUTE FUNCTION ctl.keep_operator();
CREATE FUNCTION ctl.keep_operator_homeless() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS
$$ BEGIN RAISE EXCEPTION 'the operator has no site' USING ERRCODE = '42501'; END $$;
CREATE TRIGGER keep_operator_homeless BEFORE INSERT OR UPDATE ON ctl.tenant_host
  FOR EACH ROW WHEN (NEW.tenant_id = '0197a000-0000-7000-8000-000000000001')
  EXECUTE FUNCTION ctl.keep_operator_homeless();
"""


def upgrade() -> None:
    op.execute(SQL)


def downgrade() -> None:
    raise RuntimeError("migrations go forward only")
